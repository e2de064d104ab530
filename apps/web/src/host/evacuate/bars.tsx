import { type EvacuationPlan, type HostId, isActive, sayPercent } from '@drover/model'
import { clamp } from '../../format/quantity'
import { useRow, useTables } from '../../replica/hooks'
import { hostsByCluster, vmsByHost } from '../../replica/look'
import { cx } from '../../ui/cx'

interface Load {
  id: HostId
  name: string
  before: number
  after: number
}

/** Memory of running VMs on each host before and after a plan, 0 to 1; the emptied host first. */
export function useBeforeAfter(plan: EvacuationPlan): Load[] {
  const tables = useTables()
  const host = useRow('host', plan.host.id)
  const hosts = host ? (hostsByCluster(tables).get(host.clusterId) ?? []) : []
  const memoryOf = (vmId: string) => tables.vm.get(vmId)?.memoryBytes ?? 0
  const moves = plan.moves.filter((move) => move.blockers.length === 0 && move.method !== 'leave')
  return hosts
    .map((each) => {
      const total = Math.max(1, (each.facts?.memoryBytes ?? 0) - (each.facts?.reservedMemoryBytes ?? 0))
      const now = (vmsByHost(tables).get(each.id) ?? [])
        .filter(isActive)
        .reduce((sum, vm) => sum + vm.memoryBytes, 0)
      const come = moves
        .filter(
          (move) => move.target?.id === each.id && isActive(tables.vm.get(move.vm.id) ?? { power: 'off' }),
        )
        .reduce((sum, move) => sum + memoryOf(move.vm.id), 0)
      const go =
        each.id === plan.host.id
          ? moves
              .filter((move) => isActive(tables.vm.get(move.vm.id) ?? { power: 'off' }))
              .reduce((sum, move) => sum + memoryOf(move.vm.id), 0)
          : 0
      return { id: each.id, name: each.name, before: now / total, after: (now + come - go) / total }
    })
    .sort((a, b) => Number(b.id === plan.host.id) - Number(a.id === plan.host.id))
}

/** Before and after: a bar a host, what it has now and what comes or goes. */
export function BeforeAfter({ plan }: { plan: EvacuationPlan }) {
  const loads = useBeforeAfter(plan).filter((load) => load.before !== load.after || load.id === plan.host.id)
  if (loads.length < 2) return null
  return (
    <section aria-label="Memory of hosts before and after">
      <h3 className="mb-1 text-sm text-text-3">Memory of running VMs, before → after</h3>
      <ul className="grid gap-x-6 gap-y-1 sm:grid-cols-2">
        {loads.map((load) => (
          <li key={load.id} className="grid grid-cols-[96px_1fr_96px] items-center gap-2">
            <span className="truncate">{load.name}</span>
            <span className="relative h-2.5 overflow-hidden rounded-sm bg-sunken" aria-hidden>
              <span
                className="absolute inset-y-0 left-0 bg-accent"
                style={{ width: `${clamp(Math.min(load.before, load.after)) * 100}%` }}
              />
              <span
                className={cx(
                  'absolute inset-y-0',
                  load.after > load.before
                    ? load.after > 0.9
                      ? 'bg-warning'
                      : 'bg-working'
                    : 'border border-dashed border-text-3',
                )}
                style={{
                  left: `${clamp(Math.min(load.before, load.after)) * 100}%`,
                  width: `${clamp(Math.abs(load.after - load.before)) * 100}%`,
                }}
              />
            </span>
            <span className="num whitespace-nowrap text-right text-text-2">
              {sayPercent(load.before)} → {sayPercent(load.after)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
