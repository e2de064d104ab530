import { EditCluster } from '../cluster/edit'
import { DisarmDialog } from '../cluster/ha/disarm'
import { PowerRulesDialog } from '../cluster/power/dialog'
import { RollDialog } from '../cluster/roll'
import { BalanceDialog } from '../cluster/rules/balance'
import { EndShadow } from '../cluster/rules/shadow'
import { useConsole } from '../console/store'
import {
  AddCluster,
  AddDatacenter,
  DeleteCluster,
  DeleteDatacenter,
  RenameDatacenter,
} from '../datacenter/dialogs'
import { DismissDialog } from '../decision/dismiss'
import { DeleteFenceDevice, FenceDeviceDialog } from '../fence/dialog'
import { RemoveHost } from '../host/dialogs'
import { EnrolHost } from '../host/enrol'
import { EvacuateDialog } from '../host/evacuate/dialog'
import { ExitMaintenance } from '../host/exit-maintenance'
import { ConfirmOff, FenceHost } from '../host/fence'
import { ShutDownHost } from '../host/shutdown'
import { PowerModelDialog, SleepDialog } from '../host/sleep'
import { DeleteRule, RuleDialog } from '../rule/dialog'
import { GiveUpDialog } from '../task/give-up'
import { DeleteThreshold, ThresholdDialog } from '../threshold/dialog'
import { CreateVmDialog } from '../vm/create/dialog'
import { DeleteVmDialog } from '../vm/delete'
import { EditVmDialog } from '../vm/edit'
import { MigrateDialog } from '../vm/migrate/dialog'
import { PowerDialog } from '../vm/power'
import { WhyNotDialog } from '../vm/why-not'

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
    case 'evacuate':
      return <EvacuateDialog key={dialog.hostId} hostId={dialog.hostId} goal={dialog.goal} />
    case 'exit maintenance':
      return <ExitMaintenance hostId={dialog.hostId} />
    case 'shut down host':
      return <ShutDownHost hostId={dialog.hostId} reboot={dialog.reboot} />
    case 'fence host':
      return <FenceHost hostId={dialog.hostId} />
    case 'confirm off':
      return <ConfirmOff hostId={dialog.hostId} />
    case 'fence device':
      return <FenceDeviceDialog hostId={dialog.hostId} fenceId={dialog.fenceId} />
    case 'delete fence device':
      return <DeleteFenceDevice fenceId={dialog.fenceId} />
    case 'disarm':
      return <DisarmDialog clusterId={dialog.clusterId} />
    case 'roll':
      return <RollDialog clusterId={dialog.clusterId} />
    case 'rule':
      return <RuleDialog clusterId={dialog.clusterId} ruleId={dialog.ruleId} />
    case 'delete rule':
      return <DeleteRule ruleId={dialog.ruleId} />
    case 'threshold':
      return <ThresholdDialog clusterId={dialog.clusterId} thresholdId={dialog.thresholdId} />
    case 'delete threshold':
      return <DeleteThreshold thresholdId={dialog.thresholdId} />
    case 'balance':
      return <BalanceDialog clusterId={dialog.clusterId} />
    case 'power rules':
      return <PowerRulesDialog clusterId={dialog.clusterId} />
    case 'end shadow':
      return <EndShadow clusterId={dialog.clusterId} />
    case 'dismiss':
      return <DismissDialog decisionId={dialog.decisionId} />
    case 'sleep':
      return (
        <SleepDialog
          key={`${dialog.hostId} ${dialog.test}`}
          hostId={dialog.hostId}
          test={dialog.test ?? false}
        />
      )
    case 'power model':
      return <PowerModelDialog hostId={dialog.hostId} />
    case 'why not':
      return <WhyNotDialog vmId={dialog.vmId} hostId={dialog.hostId} />
    case 'give up':
      return <GiveUpDialog taskId={dialog.taskId} />
    case 'remove host':
      return <RemoveHost hostId={dialog.hostId} />
  }
}
