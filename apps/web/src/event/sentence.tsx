import { type Event, type EventBody, type Ref, sayEvent, sayReason } from '@drover/model'
import { Fragment } from 'react'
import { hrefOf } from '../nav/href'
import { Link } from '../nav/link'
import { tablesNow } from '../replica/hooks'
import { placeOf } from './place'

function refsIn(body: EventBody): Ref[] {
  const refs: Ref[] = []
  const values = [...Object.values(body), ...(body.kind === 'task.ended' ? Object.values(body.outcome) : [])]
  for (const value of values) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (typeof each === 'object' && each && 'id' in each && 'name' in each) refs.push(each as Ref)
    }
  }
  return refs
}

/** An event in words, and why; the objects in it that still exist are links. */
export function Sentence({ event }: { event: Pick<Event, 'body' | 'reason'> }) {
  const { body } = event
  let rest = sayEvent(body)
  const parts: { text: string; href: string | null }[] = []
  const links = refsIn(body).filter((ref) => hrefOf(tablesNow(), ref.id))
  while (rest.length > 0) {
    const next = links
      .map((ref) => ({ ref, at: placeOf(ref.name, rest) }))
      .filter((found) => found.at >= 0)
      .sort((a, b) => a.at - b.at || b.ref.name.length - a.ref.name.length)[0]
    if (!next) break
    const { ref, at } = next
    parts.push({ text: rest.slice(0, at), href: null }, { text: ref.name, href: hrefOf(tablesNow(), ref.id) })
    rest = rest.slice(at + ref.name.length)
  }
  parts.push({ text: rest + sayReason(event), href: null })
  return parts.map(({ text, href }, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence keep their places
    <Fragment key={i}>
      {href ? (
        <Link href={href} className="in-text">
          {text}
        </Link>
      ) : (
        text
      )}
    </Fragment>
  ))
}
