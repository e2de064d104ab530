import { EditCluster } from '../cluster/edit'
import { useConsole } from '../console/store'
import {
  AddCluster,
  AddDatacenter,
  DeleteCluster,
  DeleteDatacenter,
  RenameDatacenter,
} from '../datacenter/dialogs'
import { EnterMaintenance, RemoveHost } from '../host/dialogs'
import { EnrolHost } from '../host/enrol'
import { GiveUpDialog } from '../task/give-up'
import { CreateVmDialog } from '../vm/create/dialog'
import { DeleteVmDialog } from '../vm/delete'
import { EditVmDialog } from '../vm/edit'
import { MigrateDialog } from '../vm/migrate/dialog'
import { PowerDialog } from '../vm/power'

/** The dialog that is open, if any. */
export function Dialogs() {
  const dialog = useConsole((state) => state.dialog)
  if (!dialog) return null
  switch (dialog.kind) {
    case 'migrate':
      return <MigrateDialog vmId={dialog.vmId} targetId={dialog.targetId} />
    case 'power':
      return <PowerDialog verb={dialog.verb} vmIds={dialog.vmIds} done={dialog.done} />
    case 'create vm':
      return <CreateVmDialog clusterId={dialog.clusterId} hostId={dialog.hostId} />
    case 'edit vm':
      return <EditVmDialog vmId={dialog.vmId} />
    case 'delete vm':
      return <DeleteVmDialog vmId={dialog.vmId} />
    case 'add datacenter':
      return <AddDatacenter />
    case 'rename datacenter':
      return <RenameDatacenter id={dialog.datacenterId} />
    case 'delete datacenter':
      return <DeleteDatacenter id={dialog.datacenterId} />
    case 'add cluster':
      return <AddCluster datacenterId={dialog.datacenterId} />
    case 'edit cluster':
      return <EditCluster id={dialog.clusterId} />
    case 'delete cluster':
      return <DeleteCluster id={dialog.clusterId} />
    case 'enrol host':
      return <EnrolHost clusterId={dialog.clusterId} />
    case 'enter maintenance':
      return <EnterMaintenance hostId={dialog.hostId} />
    case 'give up':
      return <GiveUpDialog taskId={dialog.taskId} />
    case 'remove host':
      return <RemoveHost hostId={dialog.hostId} />
  }
}
