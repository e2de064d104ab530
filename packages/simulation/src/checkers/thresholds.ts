import { unpackInputs } from '@drover/engine'
import { type Event, type LoadDecision, patched, type ThresholdRule, withinWindows } from '@drover/model'
import { type Checker, news, type Scene } from './checker'
import { decisionOf } from './load-moves'

/** Rules as history has them up to some event, and since when each of their hosts has been above. */
interface Past {
  rules: Map<string, ThresholdRule>
  /** By rule and host: the last stretch above that ended, and the event's time. */
  ended: Map<string, { since: number; at: number }>
  changedAt: Map<string, number>
}

/** Rules about load keep their word. */
export function thresholds(): Checker {
  const fresh = news()
  const past: Past = { rules: new Map(), ended: new Map(), changedAt: new Map() }
  return {
    name: 'thresholds keep their word',
    holds:
      'A threshold moves something by itself only as long as it is there, switched on, of that version, within its times and automatic; only what it is about, and only from hosts that were above it for the hold time.',
    always(scene) {
      const breaches: string[] = []
      for (const event of fresh(scene)) {
        remember(past, event)
        const { body } = event
        if (body.kind === 'decision.made' && body.automatic) {
          const decision = scene.ledger.folded.decision.get(body.decision.id)
          if (decision?.by.id.startsWith('threshold'))
            breaches.push(...asMade(scene, past, decision, event.at))
        }
        if (body.kind !== 'task.created' || body.what !== 'vm.migrate') continue
        const decision = decisionOf(scene, body.task.id)
        if (!decision?.automatic || !decision.by.id.startsWith('threshold')) continue
        const why = resting(past.rules.get(decision.by.id), decision, event.at)
        if (why) breaches.push(`${body.task.id} begins for "${decision.by.name}", which ${why}`)
      }
      return breaches
    },
  }
}

function remember(past: Past, { rows, body, at }: Event): void {
  for (const change of rows) {
    if (change.table !== 'threshold') continue
    const before = past.rules.get(change.id)
    const after = patched(before, change)
    for (const [hostId, since] of Object.entries(before?.aboveSince ?? {}))
      if (after?.aboveSince[hostId] !== since) past.ended.set(`${change.id} ${hostId}`, { since, at })
    if (after) past.rules.set(change.id, after)
    else past.rules.delete(change.id)
    if (body.kind === 'threshold.created' || body.kind === 'threshold.changed')
      past.changedAt.set(change.id, at)
  }
}

/** Why a rule does nothing by itself at that time. */
function resting(rule: ThresholdRule | undefined, { by }: LoadDecision, at: number): string | null {
  if (!rule) return 'was deleted'
  if (!rule.enabled) return 'is switched off'
  if (rule.version !== by.version) return `is in version ${rule.version}, not ${by.version}`
  return withinWindows(rule.windows, at) ? null : 'rests at this time of day'
}

function asMade(scene: Scene, past: Past, decision: LoadDecision, at: number): string[] {
  const { by, id, moves } = decision
  const rule = past.rules.get(by.id)
  const rests = resting(rule, decision, at)
  if (rests || !rule) return [`${id} is begun for "${by.name}", which ${rests}`]
  const { picture, rules } = unpackInputs(decision.inputs)!
  const { mode } = rules.balance
  const alone =
    mode !== 'off' && (rule.automation === 'full' || (rule.automation === 'cluster' && mode === 'full'))
  if (!alone)
    return [`${id} is begun for "${by.name}", which is ${rule.automation} while the balance is ${mode}`]
  return moves.flatMap(({ vm, source }) => {
    const row = picture.vms.find((one) => one.id === vm.id)!
    const wrong: string[] = []
    if (rule.tags.length > 0 && !rule.tags.some((tag) => row.tags.includes(tag)))
      wrong.push(`${vm.name} is not tagged ${rule.tags.join(' or ')}`)
    if (row.automation !== 'full')
      wrong.push(`${vm.name} is moved by itself, and its automation is ${row.automation}`)
    if (rule.hostIds.length > 0 && !rule.hostIds.includes(source.id))
      wrong.push(`it does not watch ${source.name}`)
    wrong.push(...tooEarly(scene, past, rule, source, at))
    return wrong.map((what) => `${id} for "${by.name}": ${what}`)
  })
}

function tooEarly(
  { skewMs }: Scene,
  { ended, changedAt }: Past,
  { id, forMs, aboveSince }: ThresholdRule,
  source: { id: string; name: string },
  at: number,
): string[] {
  if (forMs === 0) return []
  const last = ended.get(`${id} ${source.id}`)
  const since = aboveSince[source.id] ?? (last?.at === at ? last.since : undefined)
  if (since === undefined) return [`${source.name} is not above it`]
  if (at - since < forMs - skewMs()) return [`${source.name} was above it for ${at - since} ms, not ${forMs}`]
  if (since < changedAt.get(id)! - skewMs()) return [`${source.name} was above what it said before`]
  return []
}
