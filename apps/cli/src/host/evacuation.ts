import {
  type EvacuationMove,
  type EvacuationPlan,
  methodWords,
  sayBytes,
  sayDuration,
  sayRefusals,
} from '@drover/model'

/** A plan to empty a host in lines: each VM, where it goes and how, or every reason why it can go nowhere. */
export function sayEvacuation(plan: EvacuationPlan): string {
  if (plan.moves.length === 0) return `Nothing lives on ${plan.host.name} that would have to go.`
  const width = Math.max(...plan.moves.map(({ vm }) => vm.name.length))
  const lines = plan.moves.map((move) => `  ${move.vm.name.padEnd(width)}  ${sayMove(move)}`)
  const blocked = plan.moves.filter(({ blockers }) => blockers.length > 0).length
  const sum =
    blocked > 0
      ? `${blocked === 1 ? '1 VM' : `${blocked} VMs`} can go nowhere.`
      : `${plan.expectedMs === null ? 'All can go' : `About ${sayDuration(plan.expectedMs)}`}; ${sayBytes(plan.bytes)} to carry.`
  return [...lines, sum].join('\n')
}

function sayMove({ method, target, expectedMs, note, blockers }: EvacuationMove): string {
  if (blockers.length > 0) return `stays: ${sayRefusals(blockers)}${note ? ` ${note}` : ''}`
  if (method === 'leave') return 'stays; it is off'
  if (method === 'stop') return 'is shut down, and started again when the host is back'
  const time = expectedMs === null ? '' : `, about ${sayDuration(expectedMs)}`
  return `${methodWords[method]} to ${target?.name ?? '?'}${time}`
}
