import type { DecisionPower } from '@drover/model'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { Mark, State } from '../ui/state'
import { At } from '../ui/time'
import { Named } from './moves'
import { partShown } from './state'

/** Hosts that a decision puts to sleep or wakes, each with its reason. */
export function PowerActs({ power }: { power: readonly DecisionPower[] }) {
  if (power.length === 0) return null
  return (
    <ul aria-label="Hosts to wake and to put to sleep" className="border-t border-line">
      {power.map((each) => (
        <li
          key={`${each.act} ${each.host.id}`}
          className="flex flex-wrap items-baseline gap-x-3 border-b border-line px-3 py-1 last:border-0"
        >
          <span className="inline-flex items-center gap-1.5 font-medium">
            <Mark tone={each.act === 'sleep' ? 'standby' : 'ok'} />
            {each.act === 'sleep' ? 'Sleep' : 'Wake'} <Named id={each.host.id} name={each.host.name} />
          </span>
          <span className="min-w-0 flex-1 text-text-2">
            {each.text}
            {each.why && <span className="block text-error">{each.why}</span>}
          </span>
          {each.until !== null && (
            <span className="text-text-3">
              until about <At at={each.until} className="num" />
            </span>
          )}
          {each.state !== 'open' &&
            (each.taskId ? (
              <Link href={paths.task(each.taskId)}>
                <State {...partShown[each.state]} />
              </Link>
            ) : (
              <State {...partShown[each.state]} />
            ))}
        </li>
      ))}
    </ul>
  )
}
