import { sayBytes, sayCount, type Vm, type VmId } from '@drover/model'
import { act } from '../api/act'
import { api } from '../api/client'
import { closeDialog } from '../console/store'
import { useRow, useTables } from '../replica/hooks'
import { Confirm } from '../ui/confirm'
import { reasonsAgainst } from './actions'

/** Deletes a VM with its disks, after its name was typed. */
export function DeleteVmDialog({ vmId }: { vmId: VmId }) {
  const vm: Vm | undefined = useRow('vm', vmId)
  const tables = useTables()
  if (!vm) return null
  return (
    <Confirm
      danger
      title={`Delete ${vm.name}`}
      about={`${vm.name} and ${vm.disks.length === 1 ? 'its disk' : `its ${sayCount(vm.disks.length, 'disk')}`} are deleted for good. Its history is kept.`}
      label={`Delete ${vm.name}`}
      type={vm.name}
      reasons={reasonsAgainst(tables, vm, 'delete')}
      why="Optional; kept in the history."
      run={(reason) =>
        act(`delete ${vm.name}`, () => api.vm.delete.mutate({ vmId, confirmName: vm.name, reason }), {
          vmIds: [vmId],
          kind: 'vm.delete',
        })
      }
      onClose={closeDialog}
    >
      {vm.disks.length > 0 && (
        <ul className="rounded-md border border-line" aria-label="Disks that are deleted">
          {vm.disks.map((disk) => (
            <li key={disk.path} className="flex gap-3 border-b border-line px-2 py-1 last:border-0">
              <span className="num min-w-0 flex-1 truncate">{disk.path}</span>
              <span>{tables.datastore.get(disk.datastoreId)?.name}</span>
              <span className="num">{sayBytes(disk.sizeBytes)}</span>
            </li>
          ))}
        </ul>
      )}
    </Confirm>
  )
}
