import { type Host, type HostId, sayCount } from '@drover/model'
import { act } from '../api/act'
import { api } from '../api/client'
import { closeDialog } from '../console/store'
import { useRow, useTables } from '../replica/hooks'
import { vmsByHost } from '../replica/look'
import { Confirm } from '../ui/confirm'

export function RemoveHost({ hostId }: { hostId: HostId }) {
  const host: Host | undefined = useRow('host', hostId)
  const vms = vmsByHost(useTables()).get(hostId) ?? []
  if (!host) return null
  return (
    <Confirm
      danger
      title={`Remove ${host.name} from Drover`}
      about={`Drover forgets ${host.name}${vms.length > 0 ? ` and its ${sayCount(vms.length, 'VM')}` : ''}. The machine itself is not touched: VMs that run there run on, unmanaged.`}
      label={`Remove ${host.name}`}
      type={host.name}
      why="Optional; kept in the history."
      run={(reason) =>
        act(`remove ${host.name}`, () => api.host.remove.mutate({ hostId, confirmName: host.name, reason }))
      }
      onClose={closeDialog}
    >
      {vms.length > 0 && (
        <p className="max-h-40 overflow-y-auto text-text-2">{vms.map((vm) => vm.name).join(', ')}</p>
      )}
    </Confirm>
  )
}
