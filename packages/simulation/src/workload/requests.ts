import {
  type Decide,
  decideCancel,
  decideChange,
  decideCreate,
  decideDelete,
  decideGiveUp,
  decideMigrate,
  decidePower,
} from '@drover/engine'
import {
  type CreateVmInput,
  defaultMigrationOptions,
  type HostId,
  type MigrationMethod,
  type MigrationOptions,
  type TaskId,
  type Vm,
  type VmChanges,
  vmActions,
  type World,
} from '@drover/model'
import { fittingHost, type HostRequest, hostDecision, isOfHost } from './host-requests'
import { type LoadRequest, loadDecision } from './load-requests'

const GiB = 1024 ** 3

/** What an operator asks for, by name as a person would. */
export type Request =
  | {
      kind: 'migrate'
      vm: string
      to: string | null
      method: MigrationMethod | null
      options?: Partial<MigrationOptions>
    }
  | { kind: 'start' | 'shutdown' | 'stop' | 'reboot' | 'reset' | 'suspend' | 'resume'; vm: string }
  | { kind: 'create'; vm: string; on: string | null; powerOn: boolean }
  | { kind: 'change'; vm: string; changes: VmChanges }
  | { kind: 'delete'; vm: string }
  | { kind: 'cancel' | 'give up'; vm: string }
  | HostRequest
  | LoadRequest

/** Who or what it is about, for the log. */
export function aboutWhat(request: Request): string {
  if ('vm' in request) return request.vm
  if ('host' in request) return request.host
  return 'name' in request ? request.name : 'the cluster'
}

/** The decision that the API would have the writer make for it. Names that are not there come out as refusals. */
export function decisionFor(request: Request): Decide<unknown> {
  switch (request.kind) {
    case 'migrate':
      return (world, ctx) =>
        decideMigrate(
          world,
          {
            vmId: vmNamed(world, request.vm)?.id ?? 'vm-0',
            targetId: request.to === null ? null : hostNamed(world, request.to),
            method: request.method,
            datastoreIds: null,
            options: { ...defaultMigrationOptions, ...request.options },
          },
          ctx,
        )
    case 'create':
      return (world, ctx) => decideCreate(world, newVm(world, request), ctx)
    case 'change':
      return (world, ctx) =>
        decideChange(world, { vmId: vmNamed(world, request.vm)?.id ?? 'vm-0', changes: request.changes }, ctx)
    case 'delete':
      return (world, ctx) =>
        decideDelete(world, { vmId: vmNamed(world, request.vm)?.id ?? 'vm-0', confirmName: request.vm }, ctx)
    case 'cancel':
      return (world, ctx) => decideCancel(world, { taskId: openTaskOf(world, request.vm) ?? 'task-0' }, ctx)
    case 'give up':
      return (world, ctx) => decideGiveUp(world, { taskId: openTaskOf(world, request.vm) ?? 'task-0' }, ctx)
    case 'start':
    case 'shutdown':
    case 'stop':
    case 'reboot':
    case 'reset':
    case 'suspend':
    case 'resume':
      return (world, ctx) =>
        decidePower(
          world,
          `vm.${request.kind}`,
          { vmId: vmNamed(world, request.vm)?.id ?? 'vm-0', deadlineMs: 30_000 },
          ctx,
        )
    case 'threshold':
    case 'change threshold':
    case 'no threshold':
    case 'apply':
    case 'dismiss':
    case 'automate':
      return loadDecision(request)
    default:
      return hostDecision(request)
  }
}

/** The same request of the first VM, from the named one on, that is in a state for it; else as it was. */
export function fitting(world: World, request: Request): Request {
  if (request.kind === 'create') return request
  if (isOfHost(request)) return fittingHost(world, request)
  if (!isOfVm(request)) return request
  const vms = [...world.tables.vm.values()]
  const first = Math.max(
    0,
    vms.findIndex((vm) => vm.name === request.vm),
  )
  const turned = [...vms.slice(first), ...vms.slice(0, first)]
  const suits = (vm: Vm): boolean => {
    const busy = world.index.openTaskByVm.has(vm.id)
    if (request.kind === 'cancel') return busy
    if (request.kind === 'give up') return waitsForHost(world, vm)
    return !busy && vmActions[request.kind].needs.includes(vm.power)
  }
  const vm = turned.find(suits)
  return vm ? { ...request, vm: vm.name } : request
}

function isOfVm(request: Request): request is Extract<Request, { vm: string; kind: VmKind }> {
  return 'vm' in request && !['look after', 'want', 'automate'].includes(request.kind)
}

type VmKind = Exclude<
  Extract<Request, { vm: string }>['kind'],
  HostRequest['kind'] | LoadRequest['kind'] | 'create'
>

function waitsForHost(world: World, vm: Vm): boolean {
  const task = world.tables.task.get(world.index.openTaskByVm.get(vm.id) ?? '')
  return task?.waiting?.code === 'host_answer'
}

export function vmNamed(world: World, name: string): Vm | undefined {
  return [...world.tables.vm.values()].find((vm) => vm.name === name)
}

function hostNamed(world: World, name: string): HostId {
  return [...world.tables.host.values()].find((host) => host.name === name)?.id ?? 'host-0'
}

function openTaskOf(world: World, vm: string): TaskId | undefined {
  return [...world.index.openTasks].find((id) => world.tables.task.get(id)?.vmName === vm)
}

function newVm(
  world: World,
  { vm, on, powerOn }: { vm: string; on: string | null; powerOn: boolean },
): CreateVmInput {
  const shared = [...world.tables.datastore.values()].find((datastore) => datastore.name === 'shared')
  return {
    clusterId: [...world.tables.cluster.keys()][0] as CreateVmInput['clusterId'],
    name: vm,
    vcpus: 1,
    memoryBytes: GiB / 2,
    image: { datastoreId: shared?.id ?? 'datastore-0', path: shared?.images[0]?.path ?? 'images/none' },
    datastoreId: null,
    diskBytes: null,
    networkId: [...world.tables.network.values()].find((network) => network.name === 'lan')?.id ?? null,
    hostId: on === null ? null : hostNamed(world, on),
    notes: '',
    tags: [],
    powerOn,
  }
}
