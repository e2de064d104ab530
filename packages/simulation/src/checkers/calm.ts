import { type Checker, news } from './checker'

const windowMs = 2_000
/** Of one kind about one object, within the window, that nobody asked for. */
const most = 40

/** A decision that is taken back by the next one, and again, and again, is none. */
export function calm(): Checker {
  const fresh = news()
  const recent = new Map<string, number[]>()
  return {
    name: 'history is calm',
    holds: 'Nothing goes back and forth: no kind of event repeats itself about one object without end.',
    always(scene) {
      const { now } = scene
      const breaches: string[] = []
      for (const { body, subjects, initiator } of fresh(scene)) {
        if (initiator.kind !== 'drover') continue
        const about = subjects.filter((id) => !id.startsWith('cluster') && !id.startsWith('datacenter'))
        const key = `${body.kind} ${about.join(' ')}`
        const times = (recent.get(key) ?? []).filter((at) => now() - at < windowMs)
        recent.set(key, [...times, now()])
        if (times.length >= most)
          breaches.push(`${times.length} times ${key} in ${windowMs} ms: ${JSON.stringify(body)}`)
      }
      return breaches
    },
  }
}
