import { type ClusterId, type Recovery, sayRefusals, type Vm } from '@drover/model'
import { Link } from '../../nav/link'
import { paths } from '../../paths'
import { useTables } from '../../replica/hooks'
import { vmsByCluster } from '../../replica/look'
import { Panel } from '../../ui/facts'
import { State } from '../../ui/state'
import { byName } from '../../ui/table/column'
import { Since } from '../../ui/time'
import { useVmState } from '../../vm/use-state'

const causes: Record<Recovery['cause'], string> = {
  host_lost: 'lost with',
  crashed: 'crashed on',
  wanted: 'asked to run on',
}

/** The VMs that should run and do not, each with why and what would help; gone when all run. */
export function Recoveries({ clusterId }: { clusterId: ClusterId }) {
  const vms = (vmsByCluster(useTables()).get(clusterId) ?? []).filter((vm) => vm.recovery !== null)
  if (vms.length === 0) return null
  const rows = [...vms].sort((a, b) => a.ha.tier - b.ha.tier || byName(a, b))
  return (
    <Panel title="Should run, and does not" aside={`${rows.length}`}>
      <ul className="max-h-96 overflow-y-auto">
        {rows.map((vm) => (
          <RecoveryRow key={vm.id} vm={vm} recovery={vm.recovery!} />
        ))}
      </ul>
    </Panel>
  )
}

function RecoveryRow({ vm, recovery }: { vm: Vm; recovery: Recovery }) {
  const state = useVmState(vm.id)
  return (
    <li className="grid grid-cols-[minmax(110px,1fr)_60px_150px_minmax(140px,1fr)_minmax(200px,3fr)] gap-x-3 border-b border-line px-3 py-1.5 last:border-0 max-md:grid-cols-1">
      <Link href={paths.object(vm.id)} className="truncate font-medium">
        {vm.name}
      </Link>
      <span className="text-text-3">tier {vm.ha.tier}</span>
      {state && <State {...state} className="self-start" />}
      <span className="truncate text-text-2">
        {causes[recovery.cause]}{' '}
        <Link plain href={paths.object(recovery.from.id)}>
          {recovery.from.name}
        </Link>{' '}
        <Since at={recovery.since} className="text-text-3" />
      </span>
      <span className="text-text-2">
        {recovery.why.length > 0 ? sayRefusals(recovery.why) : 'It is being started.'}
      </span>
    </li>
  )
}
