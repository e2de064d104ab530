import {
  type Cluster,
  type Host,
  type HostId,
  isActive,
  sayCount,
  sayDuration,
  sayRefusals,
  type Vm,
  type WhatIfVm,
} from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { act } from '../api/act'
import { api } from '../api/client'
import { closeDialog } from '../console/store'
import { evidenceSays, evidenceSides } from '../incident/state'
import { useRow, useTables } from '../replica/hooks'
import { vmsByHost } from '../replica/look'
import { Confirm } from '../ui/confirm'
import { Scroll } from '../ui/scroll'
import { State } from '../ui/state'
import { devicesOf, reasonsAgainstHost } from './actions'

/** What HA will make of a VM once its host is proven off. */
function Fate({ vm, cluster, foreseen }: { vm: Vm; cluster: Cluster | undefined; foreseen?: WhatIfVm }) {
  if (vm.desired === 'stopped' || vm.ha.restart === 'none') return 'stays down: it is not looked after'
  if (cluster?.ha.mode !== 'armed') return 'stays down: high availability is disarmed'
  if (!foreseen) return `is restarted, tier ${vm.ha.tier}`
  if (foreseen.target) {
    const after = foreseen.afterMs === null ? '' : `after about ${sayDuration(foreseen.afterMs)}`
    return (
      <>
        runs again on {foreseen.target.name} <span className="whitespace-nowrap">{after}</span>
      </>
    )
  }
  if (foreseen.note) return foreseen.note
  return <span className="text-error">stays down: {sayRefusals(foreseen.why)}</span>
}

/** Every VM that runs on a host, by name, with what becomes of it. */
function Fates({
  host,
  vms,
  lead,
  foreseen,
}: {
  host: Host
  vms: readonly Vm[]
  lead: string
  foreseen: readonly WhatIfVm[]
}) {
  const cluster = useRow('cluster', host.clusterId)
  if (vms.length === 0) return <p className="text-text-2">As far as is known, no VM runs on it.</p>
  return (
    <div>
      <p className="mb-1 font-medium text-error">{lead}</p>
      <Scroll label="What becomes of its VMs" className="max-h-[38vh] rounded-md border border-line">
        <ul aria-label="Its VMs">
          {vms.map((vm) => (
            <li
              key={vm.id}
              className="grid grid-cols-[minmax(96px,1fr)_4fr] gap-3 border-b border-line px-2 py-0.5 last:border-0"
            >
              <span className="truncate font-medium" title={vm.name}>
                {vm.name}
              </span>
              <span className="text-text-2">
                <Fate vm={vm} cluster={cluster} foreseen={foreseen.find((each) => each.vm.id === vm.id)} />
              </span>
            </li>
          ))}
        </ul>
      </Scroll>
    </div>
  )
}

function useRunning(hostId: HostId): Vm[] {
  return (vmsByHost(useTables()).get(hostId) ?? []).filter(isActive)
}

/** What high availability would make of the VMs of a host that is proven off; none as long as that is not known. */
function useForeseen(hostId: HostId): readonly WhatIfVm[] {
  const plan = useQuery({
    queryKey: ['fence plan', hostId],
    queryFn: () => api.host.planFence.query({ hostId }),
    retry: false,
  })
  return plan.data?.restarts ?? []
}

/** Before a host is switched off under its VMs: all of them by name, what HA will do, by which devices. */
export function FenceHost({ hostId }: { hostId: HostId }) {
  const host: Host | undefined = useRow('host', hostId)
  const tables = useTables()
  const vms = useRunning(hostId)
  const foreseen = useForeseen(hostId)
  if (!host) return null
  const devices = devicesOf(tables, hostId)
  return (
    <Confirm
      danger
      wide
      title={`Fence ${host.name}`}
      about={`${host.name} is switched off at once${devices.length > 0 ? ` by ${devices.map((device) => device.name).join(', then ')}` : ''}, and asked until it says that it is off.`}
      label={`Fence ${host.name}`}
      type={host.name}
      why="Optional; kept in the history."
      reasons={reasonsAgainstHost(tables, host, 'fence')}
      run={(reason) =>
        act(`fence ${host.name}`, () => api.host.fence.mutate({ hostId, confirmName: host.name, reason }))
      }
      onClose={closeDialog}
    >
      <Fates
        host={host}
        vms={vms}
        lead={`${sayCount(vms.length, 'VM')} ${vms.length === 1 ? 'dies' : 'die'} with it, like machines that lose power:`}
        foreseen={foreseen}
      />
    </Confirm>
  )
}

/** For the case that nothing else can prove it. A wrong word here runs VMs twice, and says so. */
export function ConfirmOff({ hostId }: { hostId: HostId }) {
  const host: Host | undefined = useRow('host', hostId)
  const tables = useTables()
  const vms = useRunning(hostId)
  const foreseen = useForeseen(hostId)
  const evidence = useQuery({
    queryKey: ['evidence', hostId],
    queryFn: () => api.host.evidence.query({ hostId }),
    refetchInterval: 2_000,
  })
  if (!host) return null
  return (
    <Confirm
      danger
      wide
      title={`I confirm that ${host.name} is off`}
      about={
        <>
          Only if you have seen it: its power is off, and nobody can switch it on by accident. If it still
          runs,{' '}
          <strong className="text-error">
            its {sayCount(vms.length, 'VM')} will run twice and their disks will be destroyed
          </strong>
          . Drover cannot check it; your word is the proof, and the history keeps it with your name.
        </>
      }
      label={`${host.name} is off`}
      type={host.name}
      why="How you know; kept in the history."
      reasons={reasonsAgainstHost(tables, host, 'confirmOff')}
      run={(reason) =>
        act(`confirm that ${host.name} is off`, () =>
          api.host.confirmOff.mutate({ hostId, confirmName: host.name, reason }),
        )
      }
      onClose={closeDialog}
    >
      {evidence.data && evidence.data.evidence.length > 0 && (
        <ul aria-label="What is known of it" className="rounded-md border border-line">
          {evidence.data.evidence.map((each) => (
            <li
              key={each.side}
              className="grid grid-cols-[90px_96px_1fr] items-baseline gap-x-2 border-b border-line px-2 py-1 last:border-0 max-md:grid-cols-[90px_1fr]"
            >
              <span>{evidenceSides[each.side]}</span>
              <State {...evidenceSays[each.says]} />
              <span className="text-text-2 max-md:col-span-2">{each.text}</span>
            </li>
          ))}
        </ul>
      )}
      <Fates
        host={host}
        vms={vms}
        lead="As soon as you have said it, Drover takes these for dead:"
        foreseen={foreseen}
      />
    </Confirm>
  )
}
