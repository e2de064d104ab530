import type {
  ClusterId,
  DatacenterId,
  DecisionId,
  FenceId,
  HostId,
  RuleId,
  TaskId,
  TaskKind,
  ThresholdId,
  User,
  VmId,
  VmVerb,
} from '@drover/model'
import { create } from 'zustand'
import { rememberOpener } from '../ui/opener'

/** Every dialog there is; opened from buttons, menus, the palette and the map alike. */
export type DialogState =
  | { kind: 'migrate'; vmId: VmId; targetId?: HostId }
  | { kind: 'power'; verb: VmVerb; vmIds: VmId[]; done?: () => void }
  | { kind: 'create vm'; clusterId?: ClusterId; hostId?: HostId }
  | { kind: 'edit vm'; vmId: VmId }
  | { kind: 'delete vm'; vmId: VmId }
  | { kind: 'add datacenter' }
  | { kind: 'rename datacenter'; datacenterId: DatacenterId }
  | { kind: 'delete datacenter'; datacenterId: DatacenterId }
  | { kind: 'add cluster'; datacenterId?: DatacenterId }
  | { kind: 'edit cluster'; clusterId: ClusterId }
  | { kind: 'delete cluster'; clusterId: ClusterId }
  | { kind: 'enrol host'; clusterId: ClusterId }
  | { kind: 'evacuate'; hostId: HostId; goal: 'maintenance' | 'nothing' }
  | { kind: 'exit maintenance'; hostId: HostId }
  | { kind: 'shut down host'; hostId: HostId; reboot: boolean }
  | { kind: 'fence host'; hostId: HostId }
  | { kind: 'confirm off'; hostId: HostId }
  | { kind: 'fence device'; hostId: HostId; fenceId?: FenceId }
  | { kind: 'delete fence device'; fenceId: FenceId }
  | { kind: 'disarm'; clusterId: ClusterId }
  | { kind: 'roll'; clusterId: ClusterId }
  | { kind: 'rule'; clusterId: ClusterId; ruleId?: RuleId }
  | { kind: 'delete rule'; ruleId: RuleId }
  | { kind: 'threshold'; clusterId: ClusterId; thresholdId?: ThresholdId }
  | { kind: 'delete threshold'; thresholdId: ThresholdId }
  | { kind: 'balance'; clusterId: ClusterId }
  | { kind: 'power rules'; clusterId: ClusterId }
  | { kind: 'end shadow'; clusterId: ClusterId }
  | { kind: 'dismiss'; decisionId: DecisionId }
  /** `test`: only to show that it comes up again. */
  | { kind: 'sleep'; hostId: HostId; test?: boolean }
  | { kind: 'power model'; hostId: HostId }
  | { kind: 'why not'; vmId: VmId; hostId?: HostId }
  | { kind: 'remove host'; hostId: HostId }
  | { kind: 'give up'; taskId: TaskId }

export type TreeView = 'hosts' | 'vms' | 'storage' | 'networks'

export type DockTab = 'tasks' | 'alarms'

interface Layout {
  treeWidth: number
  treeView: TreeView
  dockHeight: number
  dockOpen: boolean
  /** Rows of the tree whose being open differs from the default. */
  toggled: Record<string, boolean>
}

interface ConsoleState extends Layout {
  user: User | null
  dialog: DialogState | null
  palette: boolean
  /** The tree as a drawer, on narrow screens. */
  drawer: boolean
  /** Not remembered: a page that is opened begins with the tasks. */
  dockTab: DockTab
  /** What was asked of a VM and has not yet shown up as a task: a picture to be replaced by the truth. */
  asked: Record<VmId, TaskKind>
}

const key = 'drover.layout'
const initial: Layout = {
  treeWidth: 280,
  treeView: 'hosts',
  dockHeight: 196,
  dockOpen: typeof window === 'undefined' || window.innerWidth >= 768,
  toggled: {},
}

function remembered(): Layout {
  try {
    return { ...initial, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Layout>) }
  } catch {
    return initial
  }
}

export const useConsole = create<ConsoleState>(() => ({
  ...remembered(),
  user: null,
  dialog: null,
  palette: false,
  drawer: false,
  dockTab: 'tasks',
  asked: {},
}))

useConsole.subscribe(({ treeWidth, treeView, dockHeight, dockOpen, toggled }, before) => {
  const same =
    treeWidth === before.treeWidth &&
    treeView === before.treeView &&
    dockHeight === before.dockHeight &&
    dockOpen === before.dockOpen &&
    toggled === before.toggled
  if (!same) {
    localStorage.setItem(key, JSON.stringify({ treeWidth, treeView, dockHeight, dockOpen, toggled }))
  }
})

export function openDialog(dialog: DialogState): void {
  rememberOpener()
  useConsole.setState({ dialog, palette: false })
}

export function closeDialog(): void {
  useConsole.setState({ dialog: null })
}

/** The signed-in user; pages are drawn for nobody else. */
export function useUser(): User {
  const user = useConsole((state) => state.user)
  if (!user) throw new Error('a page was drawn for nobody')
  return user
}
