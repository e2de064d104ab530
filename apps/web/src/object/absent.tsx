import type { LucideIcon } from 'lucide-react'
import { isMissing, sayError } from '../api/errors'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { Blank, Skeleton, Trouble } from '../ui/blank'

/** In the place of a record that is asked for: it is on its way, there is none, or it cannot be read. */
export function Absent({
  noun,
  all,
  icon,
  query,
}: {
  noun: string
  /** Where all of them are. */
  all: Parameters<typeof paths.root>[0] & string
  icon: LucideIcon
  query: { isPending: boolean; error: unknown; refetch: () => unknown }
}) {
  if (query.isPending) return <Skeleton rows={8} />
  if (isMissing(query.error))
    return (
      <Blank
        icon={icon}
        title={`There is no such ${noun}`}
        action={<Link href={paths.root(all)}>{`All ${noun}s`}</Link>}
      >
        It may never have existed, or the address was cut short.
      </Blank>
    )
  return (
    <Trouble title={`The ${noun} cannot be read`} onRetry={() => void query.refetch()}>
      {sayError(query.error)}
    </Trouble>
  )
}
