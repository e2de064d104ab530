import type {
  ChangeEvent,
  ClusterId,
  DatastoreId,
  HostId,
  NetworkId,
  Ref,
  Step,
  StepName,
  Task,
  TaskId,
  TaskKind,
  TaskParams,
  TaskPlan,
  VmId,
  World,
} from '@drover/model'
import { sayTask } from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { put } from '../world/rows'

/** What an accepted verb answers: its task (null when there was nothing left to do) and what it will do. */
export interface Started {
  taskId: TaskId | null
  plan: TaskPlan
}

export interface NewTask<K extends TaskKind> {
  kind: K
  params: TaskParams[K]
  /** Null for a task that is about a host or a cluster; `host` or `name` says which. */
  vm: Ref<VmId> | null
  host?: Ref<HostId>
  name?: string
  parentId?: TaskId | null
  clusterId: ClusterId
  hostIds: HostId[]
  networkIds?: NetworkId[]
  datastoreIds?: DatastoreId[]
  reason: string | null
  /** Runs from the moment of its acceptance: it has changed rows already, and waits for no turn. */
  begun?: boolean
  /** What it knows from the beginning. */
  memo?: Record<string, unknown>
}

/** A task as history and refusals name it. */
export function taskRef(task: Pick<Task, 'id' | 'kind' | 'vmName' | 'host'>): Ref<TaskId> {
  return { id: task.id, name: sayTask(task) }
}

export function newStep(name: StepName, hostId: HostId | null): Step {
  return { name, state: 'pending', startedAt: null, endedAt: null, hostId, progress: null }
}

/** Accepts a plan as a durable task, or refuses with the plan's reasons against. */
export function startTask<K extends TaskKind>(
  _world: World,
  ctx: Context,
  plan: TaskPlan,
  build: () => NewTask<K>,
): Decision<Started> {
  if (!plan.verdict.ok) return refuse(plan.verdict.refusals)
  const wanted = build()
  const task: Task<K> = {
    id: ctx.ids.next('task'),
    kind: wanted.kind,
    params: wanted.params,
    vmId: wanted.vm?.id ?? null,
    vmName: wanted.vm?.name ?? wanted.name ?? '',
    host: wanted.host ?? null,
    parentId: wanted.parentId ?? null,
    clusterId: wanted.clusterId,
    hostIds: wanted.hostIds,
    networkIds: wanted.networkIds ?? [],
    datastoreIds: wanted.datastoreIds ?? [],
    state: wanted.begun ? 'running' : 'queued',
    initiator: ctx.initiator,
    reason: wanted.reason,
    steps: plan.steps.map((step) => newStep(step.name, step.host?.id ?? null)),
    commands: 0,
    command: null,
    result: null,
    memo: wanted.memo ?? {},
    waiting: null,
    outcome: null,
    createdAt: ctx.now,
    startedAt: wanted.begun ? ctx.now : null,
    endedAt: null,
    wakeAt: null,
  }
  const event: ChangeEvent = {
    body: { kind: 'task.created', task: taskRef(task), what: task.kind, vm: wanted.vm, host: task.host },
    initiator: ctx.initiator,
    taskId: task.id,
    rows: [put('task', task as unknown as Task)],
  }
  return accept([event], { taskId: task.id, plan })
}
