import {
  type Cluster,
  type ClusterId,
  type IncidentId,
  type Initiator,
  isActive,
  type Recovery,
  type Refusal,
  refOf,
  type Task,
  type Vm,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision } from '../decision'
import { openIncident } from '../incident/rows'
import { startTask } from '../task/create'
import { planRestart } from '../vm/restart'
import { Changes } from '../world/changes'
import { hostOf, hostRef, numberOf, openTasks, taskOf } from '../world/find'
import { put } from '../world/rows'
import { type Down, findDown } from './down'
import { failback } from './failback'
import { places } from './placing'
import { afterFailure, backoffMs, isExhausted } from './retry'
import { sayWhy, tellVm } from './story'
import { takenAwayIn } from './unplugged'
import { reasonsToWait } from './wait'

const drover: Initiator = { kind: 'drover' }

/** A VM that crashes this soon after a restart has not really been restarted. */
const crashLoopMs = 60_000

/**
 * Finds the VMs that should run and do not, says of each why it waits, and starts those that can be: by tier, as many at
 * once as hosts can bear. Takes everything from rows (and from what agents say now), so a pass that follows a crash of
 * control goes on where the last one was. Writes nothing where nothing changed.
 */
export function decideRecover(world: World, ctx: Context): Decision {
  const changes = new Changes(world, { ...ctx, initiator: drover })
  const found = findDown(world, ctx.now)
  for (const vm of found.over) settle(changes, vm)
  for (const cluster of world.tables.cluster.values()) {
    if (cluster.ha.mode === 'handsOff') continue
    const down = found.down.get(cluster.id)
    if (down) new Pass(changes, cluster, down, found.settling.get(cluster.id) ?? []).run()
    if (cluster.ha.mode === 'armed') failback(changes, cluster, found.movable.get(cluster.id) ?? [])
  }
  return accept(changes.events, null)
}

/** VMs of a cluster that are to be brought back, or could not be: first tier first. */
export function recoveriesOf(world: World, clusterId: ClusterId): Vm[] {
  const vms = [...world.tables.vm.values()].filter((vm) => vm.clusterId === clusterId && vm.recovery !== null)
  return vms.sort(inOrder)
}

/** A VM with a recovery that runs again by whatever means, or that is no longer wanted. */
function settle(changes: Changes, vm: Vm): void {
  const { recovery } = vm
  if (!recovery) return
  const row: Vm = { ...vm, recovery: null }
  const { incidentId } = recovery
  if (isActive(vm)) {
    changes.say({ kind: 'vm.recovery', vm: refOf(vm), state: 'done', why: null }, [put('vm', row)])
    const host = hostRef(changes.world, vm.hostId)
    tellVm(changes, incidentId, row, { state: 'running', host, runningAt: vm.powerSince, why: null })
    return
  }
  changes.say({ kind: 'vm.ha', vm: refOf(vm), fields: ['recovery'] }, [put('vm', row)])
  const state = vm.ha.restart === 'none' ? 'left' : 'stopped'
  tellVm(changes, incidentId, row, { state, why: null })
}

/**
 * A VM that holds up the tiers after it: it is being started, or will be, or does not count as ready yet. Only its first try
 * does: nobody knows when one whose start has failed will run.
 */
interface Ahead {
  vm: Vm
  since: number
}

class Pass {
  readonly #world: World
  readonly #now: number
  readonly #ahead: Ahead[] = []
  readonly #starts = new Map<string, number>()
  #busy = false

  constructor(
    private readonly changes: Changes,
    private readonly cluster: Cluster,
    private readonly down: Down[],
    settling: readonly Vm[],
  ) {
    this.#world = changes.world
    this.#now = changes.now
    for (const vm of settling) this.#ahead.push({ vm, since: vm.powerSince })
  }

  run(): void {
    for (const task of openTasks(this.#world)) this.#countStart(task)
    const ready = this.down.sort((a, b) => inOrder(a.vm, b.vm)).filter((one) => this.#mayStart(one))
    const chosen = places(this.#world, ready)
    for (const one of ready) {
      const { vm } = one
      const recovery = vm.recovery ?? this.#noticed(one)
      const place = chosen.get(vm.id)!
      if ('refusals' in place) {
        this.#wait(vm, recovery, place.refusals)
        continue
      }
      const ahead = this.#aheadOf(vm)
      this.#holdsUp(vm, recovery.since, recovery)
      const host = hostOf(this.#world, place.hostId)
      const limit = this.cluster.ha.startsPerHost
      const starts = this.#starts.get(host.id) ?? 0
      if (ahead.length > 0) {
        const vms = ahead.slice(0, 3).map(refOf)
        this.#wait(vm, recovery, [{ code: 'tier_waits', vm: refOf(vm), tier: vm.ha.tier, vms }])
      } else if (starts >= limit)
        this.#wait(vm, recovery, [{ code: 'starts_at_once', host: refOf(host), limit }])
      else {
        this.#starts.set(host.id, starts + 1)
        this.#start(vm, recovery, place.hostId)
      }
    }
  }

  #countStart(task: Task): void {
    if (task.kind !== 'vm.restart' && task.kind !== 'vm.start') return
    const target = task.hostIds[0]
    if (target) this.#starts.set(target, (this.#starts.get(target) ?? 0) + 1)
    if (task.clusterId === this.cluster.id) this.#busy = true
  }

  /** Whether a VM is to be placed now; what waits says why. */
  #mayStart(one: Down): boolean {
    const { vm } = one
    const task = taskOf(this.#world, vm.id)
    if (task) {
      if (task.kind === 'vm.restart' || task.kind === 'vm.start')
        this.#holdsUp(vm, vm.recovery?.since ?? task.createdAt, vm.recovery)
      return false
    }
    if (vm.recovery?.state === 'error') return false
    const recovery = vm.recovery ?? this.#noticed(one)
    if (recovery.state === 'error') {
      this.#wait(vm, recovery, recovery.why)
      return false
    }
    const why = reasonsToWait(this.#world, this.cluster, one, this.#now)
    if (why.length > 0) {
      this.#wait(vm, recovery, why)
      return false
    }
    if (recovery.notBefore === null || recovery.notBefore <= this.#now) return true
    // A VM that crashed again right after a restart waits without ever having been on the list.
    if (!vm.recovery) this.#wait(vm, recovery, recovery.why)
    return false
  }

  #holdsUp(vm: Vm, since: number, recovery: Recovery | null): void {
    if (!recovery?.tried.length) this.#ahead.push({ vm, since })
  }

  #aheadOf(vm: Vm): Vm[] {
    const timeout = this.cluster.ha.tierTimeoutMs
    return this.#ahead
      .filter((one) => one.vm.ha.tier < vm.ha.tier && this.#now - one.since < timeout)
      .map((one) => one.vm)
  }

  /** A VM that was just found to be down. */
  #noticed({ vm, home, cause }: Down): Recovery {
    const fresh: Recovery = {
      state: 'waiting',
      cause,
      since: this.#now,
      incidentId: cause === 'host_lost' ? home.incidentId : takenAwayIn(this.#world, vm.id),
      from: refOf(home),
      tried: [],
      notBefore: null,
      why: [],
    }
    return cause === 'crashed' ? { ...fresh, ...this.#crashedAgain(vm) } : fresh
  }

  /** A crash that follows a restart closely counts as one more failed start. */
  #crashedAgain(vm: Vm): Partial<Recovery> {
    let last: Task<'vm.restart'> | null = null
    for (const task of this.#world.tables.task.values())
      if (task.vmId === vm.id && task.kind === 'vm.restart' && task.state === 'succeeded')
        if ((task.endedAt ?? 0) >= (last?.endedAt ?? 0)) last = task as Task<'vm.restart'>
    if (!last?.endedAt || vm.powerSince - last.endedAt > crashLoopMs) return {}
    const before = (last.memo.tried ?? []) as Recovery['tried']
    const tried = afterFailure(vm.ha.retries, before, vm.hostId)
    const times = tried.reduce((sum, one) => sum + one.times, 0)
    const cause = vm.powerReason ?? 'it crashed right after it was started'
    if (isExhausted(vm.ha.retries, tried))
      return {
        tried,
        state: 'error',
        why: [{ code: 'start_limit', vm: refOf(vm), times, last: `${cause}.` }],
      }
    const retryAt = this.#now + backoffMs(tried)
    const host = hostRef(this.#world, vm.hostId)
    return { tried, notBefore: retryAt, why: [{ code: 'start_failed', vm: refOf(vm), host, cause, retryAt }] }
  }

  #wait(vm: Vm, recovery: Recovery, why: Refusal[]): void {
    const { state } = recovery.state === 'error' ? recovery : { state: 'waiting' as const }
    if (vm.recovery?.state === state && this.#isOldNews(vm.recovery.why, why)) return
    const row = this.#withRecovery(vm, { ...recovery, state, why })
    const text = sayWhy(why)
    this.changes.say({ kind: 'vm.recovery', vm: refOf(vm), state, why: text }, [put('vm', row)])
    tellVm(this.changes, row.recovery?.incidentId, row, { state, why: text })
  }

  #start(vm: Vm, recovery: Recovery, targetId: Vm['hostId']): void {
    const row = this.#withRecovery(vm, { ...recovery, state: 'starting', notBefore: null, why: [] })
    const { cause, incidentId } = row.recovery!
    const target = hostRef(this.#world, targetId)
    const why = targetId === vm.hostId ? null : `on ${target.name}`
    this.changes.say({ kind: 'vm.recovery', vm: refOf(vm), state: 'starting', why }, [put('vm', row)])
    const started = startTask<'vm.restart'>(
      this.#world,
      this.changes.ctx,
      planRestart(this.#world, vm, targetId),
      () => ({
        kind: 'vm.restart',
        params: { sourceId: vm.hostId, targetId, cause, incidentId },
        vm: refOf(vm),
        clusterId: vm.clusterId,
        hostIds: [targetId],
        reason: null,
      }),
    )
    if (!started.ok) return
    this.changes.add(started.change)
    const { taskId } = started.value
    tellVm(this.changes, incidentId, row, { state: 'starting', taskId, askedAt: this.#now, why: null })
  }

  /** A VM that crashed by itself gets an incident of its own when it is first dealt with. */
  #withRecovery(vm: Vm, recovery: Recovery): Vm {
    let incidentId: IncidentId | null = recovery.incidentId
    if (!incidentId && recovery.cause === 'crashed') {
      const title = `${vm.name} crashed on ${recovery.from.name}`
      incidentId = openIncident(this.changes, { kind: 'vm', clusterId: vm.clusterId, title }).id
    }
    return { ...vm, recovery: { ...recovery, incidentId } }
  }

  /** While starts are under way figures change all the time; a row is written again when a reason does. */
  #isOldNews(was: readonly Refusal[], is: readonly Refusal[]): boolean {
    if (was.length !== is.length) return false
    const moving = this.#busy || this.#starts.size > 0
    return keyOf(was, moving) === keyOf(is, moving)
  }
}

function keyOf(why: readonly Refusal[], moving: boolean): string {
  return JSON.stringify(why, function (this: Record<string, unknown>, key: string, value: unknown) {
    if (moving && typeof value === 'number') return undefined
    if (key === 'vms' && this.code === 'tier_waits') return undefined
    if (key === 'host' && this.code === 'starts_at_once') return undefined
    return value
  })
}

/** First tier first, and within a tier the oldest VM first: nothing else decides. */
function inOrder(a: Vm, b: Vm): number {
  return a.ha.tier - b.ha.tier || numberOf(a.id) - numberOf(b.id)
}
