import {
  type EvacuationMove,
  type EvacuationPlan,
  methodWords,
  sayBytes,
  sayCount,
  sayDuration,
  sayRefusal,
} from '@drover/model'
import { Scroll } from '../../ui/scroll'
import { Mark } from '../../ui/state'
import { byName } from '../../ui/table/column'
import { Reasons } from '../../ui/tooltip'

const words: Record<EvacuationMove['method'], string> = {
  ...methodWords,
  stop: 'shut down',
  leave: 'stays: it is off',
}

/** How many of a plan's VMs go which way, and which can go nowhere. */
export function countsOf(plan: EvacuationPlan) {
  const blocked = plan.moves.filter((move) => move.blockers.length > 0)
  const able = plan.moves.filter((move) => move.blockers.length === 0)
  const of = (method: EvacuationMove['method']) => able.filter((move) => move.method === method).length
  return {
    blocked: blocked.length,
    live: of('live') + of('live-with-disks'),
    cold: of('cold'),
    stop: of('stop'),
    leave: of('leave'),
  }
}

/** The whole plan in one line: how many go which way, how much has to be carried, how long it takes. */
export function PlanTotals({ plan }: { plan: EvacuationPlan }) {
  const counts = countsOf(plan)
  const parts = [
    counts.live > 0 && `${sayCount(counts.live, 'VM')} live`,
    counts.cold > 0 && `${counts.cold} cold`,
    counts.stop > 0 && `${counts.stop} shut down until it is back`,
    counts.leave > 0 && `${counts.leave} off, left there`,
  ].filter(Boolean)
  return (
    <p className="flex flex-wrap items-baseline gap-x-4">
      <span className="font-medium">{parts.length > 0 ? parts.join(', ') : 'Nothing runs there.'}</span>
      {plan.bytes > 0 && <span className="num text-text-2">{sayBytes(plan.bytes)} over the network</span>}
      {plan.expectedMs !== null && plan.expectedMs > 0 && (
        <span className="num text-text-2">about {sayDuration(plan.expectedMs)}</span>
      )}
      {counts.blocked > 0 && (
        <span className="inline-flex items-center gap-1.5 text-error">
          <Mark tone="error" /> {sayCount(counts.blocked, 'VM')} can go nowhere
        </span>
      )}
    </p>
  )
}

const head = 'px-2 font-medium first:pl-3 last:pr-3'

/** For each VM where it goes, how, how long that takes; what stands in the way comes first, in red, with its remedy. */
export function PlanTable({ plan }: { plan: EvacuationPlan }) {
  const moves = [...plan.moves].sort(
    (a, b) =>
      Number(a.blockers.length === 0) - Number(b.blockers.length === 0) ||
      Number(a.method === 'leave') - Number(b.method === 'leave') ||
      byName(a.vm, b.vm),
  )
  if (moves.length === 0) {
    return <p className="rounded-md border border-line px-3 py-2 text-text-3">No VM lives there.</p>
  }
  return (
    <Scroll label="Moves" className="max-h-[38vh] rounded-md border border-line">
      <table className="w-full md:min-w-[560px]" aria-label="Plan">
        <thead className="sticky top-0 bg-raised">
          <tr className="h-7 border-b border-line text-left text-sm text-text-3">
            <th className={head}>VM</th>
            <th className={head}>Goes to</th>
            <th className={head}>How</th>
            <th className={`${head} text-right max-md:hidden`}>Carried</th>
            <th className={`${head} text-right`}>Expected</th>
          </tr>
        </thead>
        <tbody>
          {moves.map((move) => (
            <Row key={move.vm.id} move={move} />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function Row({ move }: { move: EvacuationMove }) {
  if (move.blockers.length > 0) {
    return (
      <tr className="border-b border-line align-top last:border-0">
        <td className="whitespace-nowrap px-2 py-1 pl-3 font-medium">{move.vm.name}</td>
        <td colSpan={4} className="px-2 py-1 pr-3 text-error">
          <span className="flex gap-1.5">
            <span className="mt-1.5">
              <Mark tone="error" label="blocked" />
            </span>
            <span>
              <Reasons reasons={move.blockers.map(sayRefusal)} />
            </span>
          </span>
        </td>
      </tr>
    )
  }
  return (
    <tr className="border-b border-line align-top last:border-0">
      <td className="whitespace-nowrap px-2 py-1 pl-3 font-medium">{move.vm.name}</td>
      <td className="whitespace-nowrap px-2 py-1">
        {move.target?.name ?? <span className="text-text-3">–</span>}
      </td>
      <td className="px-2 py-1">
        {words[move.method]}
        {move.note && <span className="block text-sm text-text-3">{move.note}</span>}
      </td>
      <td className="num px-2 py-1 text-right max-md:hidden">
        {move.bytes > 0 ? sayBytes(move.bytes) : '–'}
      </td>
      <td className="num px-2 py-1 pr-3 text-right">
        {move.expectedMs ? sayDuration(move.expectedMs) : '–'}
      </td>
    </tr>
  )
}
