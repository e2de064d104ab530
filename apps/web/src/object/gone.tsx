import { type Event, type ObjectId, sayInitiator } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { Compass } from 'lucide-react'
import { trpc } from '../api/client'
import { Link } from '../nav/link'
import { type Noun, paths } from '../paths'
import { Blank } from '../ui/blank'
import { Ago } from '../ui/time'
import { nounIcons, nounWords } from './icons'

const ends = ['vm.deleted', 'host.removed', 'cluster.deleted', 'datacenter.deleted', 'datastore.removed']
const verbs: Record<string, string> = { 'vm.deleted': 'deleted', 'cluster.deleted': 'deleted' }

/** For the address of something that is no more: who ended it, and when. */
export function Gone({ noun, id }: { noun: Exclude<Noun, 'root'>; id: ObjectId }) {
  const query = useQuery(trpc.event.list.queryOptions({ subjects: [id], kinds: ends, limit: 1 }))
  const event = query.data?.events[0] as Event | undefined
  const name = event ? nameIn(event, id) : null
  if (query.isPending) return null
  return (
    <Blank
      icon={nounIcons[noun]}
      title={name ? `${name} is no longer here` : `There is no such ${nounWords[noun]}`}
      action={
        <>
          {event && <Link href={`${paths.root('events')}?about=${id}`}>Its history</Link>}
          <Link href={paths.home()}>The inventory</Link>
        </>
      }
    >
      {event && name ? (
        <>
          {nounWords[noun]} {name} was {verbs[event.body.kind] ?? 'removed'} by{' '}
          {sayInitiator(event.initiator)} <Ago at={event.at} />. Its history is kept.
        </>
      ) : (
        'It may never have existed, or the address was cut short. Look for it by name with ⌘K or Ctrl K.'
      )}
    </Blank>
  )
}

function nameIn(event: Event, id: ObjectId): string | null {
  for (const value of Object.values(event.body)) {
    if (typeof value === 'object' && value && 'id' in value && value.id === id) return String(value.name)
  }
  return null
}

/** For an address that nobody made. */
export function Nowhere() {
  return (
    <Blank
      icon={Compass}
      title="There is no page at this address"
      action={<Link href={paths.home()}>The inventory</Link>}
    >
      Check the address, or look for what you need by name with ⌘K or Ctrl K.
    </Blank>
  )
}
