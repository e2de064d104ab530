import {
  type Cluster,
  type Host,
  type HostId,
  type Refusal,
  type RollingPlan,
  refOf,
  type Task,
  type TaskPlan,
  verdict,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { blockersOf } from '../host/evacuate'
import { planEvacuation } from '../host/evacuate/plan'
import { failoverCapacity } from '../plan/admission'
import { type Started, startTask, taskRef } from '../task/create'
import { hostsOf, numberOf, openTasks } from '../world/find'
import { put } from '../world/rows'
import type { RollMemo } from './roll/memo'

export interface RollInput {
  clusterId: string
  /** In this order; null: all hosts that are in service. */
  hostIds?: string[] | null
  /** At most so many at once; never more than the cluster can do without. */
  width?: number | null
  action: RollingPlan['action']
  cold?: boolean
  reason?: string | null
}

export interface RollStarted extends Started {
  rolling: RollingPlan
}

/** How a cluster would be gone through, host by host; with every reason against. */
export function planRoll(world: World, input: RollInput, now: number): RollingPlan {
  const cluster = world.tables.cluster.get(input.clusterId)
  if (!cluster) throw new Error(`there is no cluster ${input.clusterId}`)
  const all = hostsOf(world, cluster).sort((a, b) => numberOf(a.id) - numberOf(b.id))
  const refusals: Refusal[] = []
  const hosts = input.hostIds
    ? input.hostIds.flatMap((id) => {
        const host = all.find((one) => one.id === id)
        if (!host) refusals.push({ code: 'not_found', noun: 'host', id })
        return host ?? []
      })
    : all.filter(({ state, mode }) => state === 'connected' && mode === 'normal')
  if (hosts.length === 0 && refusals.length === 0) {
    const problem = `${cluster.name} has no host in service`
    refusals.push({ code: 'invalid', field: 'hostIds', problem, remedy: 'End the maintenance of one first.' })
  }
  const running = rollOf(world, cluster)
  if (running)
    refusals.push({
      code: 'host_task',
      host: refOf(hosts[0] ?? all[0]!),
      task: taskRef(running),
      by: 'another roll',
    })
  const evacuations = hosts.map((host) => {
    const plan = planEvacuation(world, host.id, now, { cold: input.cold ?? false })
    refusals.push(...plan.refusals, ...blockersOf(plan))
    const vms = plan.moves.filter(({ method }) => method !== 'leave').length
    return { host: plan.host, vms, expectedMs: plan.expectedMs, bytes: plan.bytes }
  })
  return {
    clusterId: cluster.id,
    hosts: hosts.map(refOf),
    width: widthOf(world, cluster, all, input.width ?? 1),
    action: input.action,
    cold: input.cold ?? false,
    evacuations,
    refusals,
  }
}

/** As many at once as were asked for and as the cluster can do without, and at least one. */
function widthOf(world: World, cluster: Cluster, hosts: readonly Host[], wanted: number): number {
  const most = wanted > 1 ? failoverCapacity(world, cluster.id).tolerates : 1
  return Math.max(1, Math.min(Math.floor(wanted), most, hosts.length - 1))
}

function rollOf(world: World, cluster: Cluster): Task | undefined {
  return openTasks(world).find(({ kind, clusterId }) => kind === 'cluster.roll' && clusterId === cluster.id)
}

/** What `decideRoll` would do now. */
export function rehearseRoll(world: World, input: RollInput, now: number): RollStarted {
  const rolling = planRoll(world, input, now)
  const plan: TaskPlan = {
    what: 'cluster.roll',
    vm: null,
    verdict: verdict(rolling.refusals),
    steps: rolling.hosts.map((host) => ({ name: 'next host', host })),
    target: null,
    method: null,
    expectedMs: null,
  }
  return { taskId: null, plan, rolling }
}

/**
 * Takes each host of a cluster out of service, has done with it what is to be done, and brings its VMs back, host by host.
 * Refused unless every single host could be emptied as things are now; while it goes on, trouble with any host stops it.
 */
export function decideRoll(world: World, input: RollInput, ctx: Context): Decision<RollStarted> {
  const cluster = world.tables.cluster.get(input.clusterId)
  if (!cluster) return refuse([{ code: 'not_found', noun: 'cluster', id: input.clusterId }])
  const { rolling, plan } = rehearseRoll(world, input, ctx.now)
  const started = startTask(world, ctx, plan, () => ({
    kind: 'cluster.roll',
    params: { plan: rolling },
    vm: null,
    name: cluster.name,
    clusterId: cluster.id,
    hostIds: [],
    reason: input.reason ?? null,
    begun: true,
  }))
  return started.ok ? accept(started.change, { ...started.value, rolling }) : started
}

/** Somebody has done their work at the hosts that the roll has paused at: it goes on. */
export function decideRollContinue(world: World, { taskId }: { taskId: string }, ctx: Context): Decision {
  const task = world.tables.task.get(taskId)
  if (task?.kind !== 'cluster.roll') return refuse([{ code: 'not_found', noun: 'task', id: taskId }])
  if (!world.index.openTasks.has(task.id))
    return refuse([{ code: 'task_ended', task: taskRef(task), state: task.state }])
  const memo = task.memo as RollMemo
  const paused = Object.entries(memo.at ?? {}).filter(([, { phase, go }]) => phase === 'pause' && !go)
  if (paused.length === 0) {
    const problem = 'it is not waiting for anybody'
    const remedy = 'Wait until a host is empty and in maintenance.'
    return refuse([{ code: 'invalid', field: 'taskId', problem, remedy }])
  }
  const at = { ...memo.at }
  for (const [id, one] of paused) at[id as HostId] = { ...one, go: true }
  const row: Task = { ...task, memo: { ...memo, at }, waiting: null }
  const body = { kind: 'task.waiting', task: taskRef(task) } as const
  return accept([{ body, initiator: ctx.initiator, taskId: task.id, rows: [put('task', row)] }], null)
}

export { rollOutcome, rollStep } from './roll/step'
