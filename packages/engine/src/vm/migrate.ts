import {
  assertNever,
  type DatastoreId,
  defaultMigrationOptions,
  isActive,
  type MigrationMethod,
  type MigrationOptions,
  type Outcome,
  type Refusal,
  refOf,
  type StepName,
  sayRefusals,
  type TaskPlan,
  type Vm,
  type VmId,
  verdict,
  type World,
} from '@drover/model'
import type { Inspection } from '@drover/protocol'
import type { Context } from '../context'
import { type Decision, refuse } from '../decision'
import { type Started, startTask } from '../task/create'
import { dataOf, type Flow, interrupted, type Scene, send } from '../task/flow'
import { waitsForSlot } from '../task/limits'
import { hostOf, hostRef } from '../world/find'
import {
  confirmCold,
  copyDisks,
  defineAtTarget,
  shutDown,
  startAgain,
  undefineAtSource,
} from './migrate/cold'
import { confirmLive, migrateLive, prepareDisks } from './migrate/live'
import {
  askAgainLater,
  copiedDisks,
  diskMoves,
  type MigrateMemo,
  type MigrateScene,
  migrateScene,
  remember,
  stayed,
} from './migrate/scene'
import { causeOf, gone } from './power'
import { leftBehind } from './restart'
import { definitionKept } from './rows'
import { checkRoute, checkVm, expected, migrationTargets } from './targets'

export interface MigrateInput {
  vmId: string
  /** Null: the best host. */
  targetId?: string | null
  /** Null: the best method. A VM that runs is never migrated cold unless asked. */
  method?: MigrationMethod | null
  /** Where each disk goes, by position; null: as it fits. */
  datastoreIds?: DatastoreId[] | null
  options?: Partial<MigrationOptions>
  reason?: string | null
  /** VMs that a rule keeps with it and that are asked to move to the same host in the same decision. */
  along?: readonly VmId[]
}

interface Chosen {
  target: TaskPlan['target']
  method: MigrationMethod | null
  datastoreIds: DatastoreId[]
  refusals: Refusal[]
}

/** What this migration would do, or every reason against it. */
export function planMigrate(world: World, vm: Vm, input: MigrateInput): TaskPlan {
  return planOf(world, vm, input, choose(world, vm, input))
}

/** Accepts a migration as a task: it waits for its turn, and checks everything again when it comes. */
export function decideMigrate(world: World, input: MigrateInput, ctx: Context): Decision<Started> {
  const vm = world.tables.vm.get(input.vmId)
  if (!vm) return refuse([{ code: 'not_found', noun: 'VM', id: input.vmId }])
  const chosen = choose(world, vm, input)
  return startTask(world, ctx, planOf(world, vm, input, chosen), () => {
    const target = hostOf(world, chosen.target!.id)
    const { datastoreIds } = chosen
    const copied = vm.disks.filter((disk, i) => datastoreIds[i] !== disk.datastoreId)
    const busy = copied.length > 0 ? [...copied.map((disk) => disk.datastoreId), ...datastoreIds] : []
    return {
      kind: 'vm.migrate',
      params: {
        sourceId: vm.hostId,
        targetId: target.id,
        method: chosen.method!,
        datastoreIds,
        options: { ...defaultMigrationOptions, ...input.options },
      },
      vm: refOf(vm),
      clusterId: vm.clusterId,
      hostIds: [vm.hostId, target.id],
      networkIds: [...new Set(vm.nics.map((nic) => nic.networkId))],
      datastoreIds: [...new Set(busy)],
      reason: input.reason ?? null,
    }
  })
}

function choose(world: World, vm: Vm, input: MigrateInput): Chosen {
  const none: Chosen = { target: null, method: null, datastoreIds: [], refusals: [] }
  if (input.targetId) {
    const host = world.tables.host.get(input.targetId)
    if (!host) return { ...none, refusals: [{ code: 'not_found', noun: 'host', id: input.targetId }] }
    const methods: MigrationMethod[] = input.method
      ? [input.method]
      : isActive(vm)
        ? ['live', 'live-with-disks']
        : ['cold']
    const routes = methods.map((method) => ({
      method,
      ...checkRoute(world, vm, host, method, input.datastoreIds ?? null, null, { along: input.along }),
    }))
    const route = routes.find(({ refusals }) => refusals.length === 0) ?? routes[0]!
    const refusals = [...checkVm(world, vm), ...route.refusals]
    return { target: refOf(host), method: route.method, datastoreIds: route.datastoreIds, refusals }
  }
  const found = migrationTargets(world, vm.id, input.options)
  if (!found.ok) return { ...none, refusals: found.refusals }
  const { targets } = found.targets
  const fits = targets.flatMap(({ host, best, methods }) => {
    const method = input.method ?? best
    return method && methods.some((one) => one.method === method && one.verdict.ok) ? [{ host, method }] : []
  })
  const [first] = fits
  if (first) return choose(world, vm, { ...input, targetId: first.host.id, method: first.method })
  const about = checkVm(world, vm)
  if (about.length > 0) return { ...none, refusals: about }
  const hosts = targets.map(({ host, methods }) => {
    const wanted = input.method ?? (isActive(vm) ? 'live' : 'cold')
    const said = methods.find((one) => one.method === wanted)!.verdict
    return { host, refusals: said.ok ? [] : said.refusals }
  })
  return { ...none, refusals: [{ code: 'no_host_fits', vm: refOf(vm), hosts }] }
}

function planOf(world: World, vm: Vm, input: MigrateInput, chosen: Chosen): TaskPlan {
  const { target, method, datastoreIds, refusals } = chosen
  const source = hostRef(world, vm.hostId)
  const copies = vm.disks.some((disk, i) => (datastoreIds[i] ?? disk.datastoreId) !== disk.datastoreId)
  const steps = method && target ? stepsOf(method, copies, vm.power === 'running') : []
  return {
    what: 'vm.migrate',
    vm: refOf(vm),
    verdict: verdict(refusals),
    steps: steps.map(({ name, at }) => ({ name, host: at === 'source' ? source : target })),
    target,
    method,
    expectedMs:
      method && refusals.length === 0 ? expected(world, vm, method, datastoreIds, input.options ?? {}) : null,
  }
}

function stepsOf(
  method: MigrationMethod,
  copies: boolean,
  running: boolean,
): { name: StepName; at: 'source' | 'target' }[] {
  const source = (name: StepName) => ({ name, at: 'source' as const })
  const target = (name: StepName) => ({ name, at: 'target' as const })
  const before = [source('wait for a slot'), target('check the target')]
  const deleteDisks = copies ? [source('delete the disks')] : []
  switch (method) {
    case 'live':
    case 'live-with-disks': {
      const prepare = copies ? [target('prepare the disks')] : []
      return [...before, ...prepare, source('migrate'), target('confirm where it runs'), ...deleteDisks]
    }
    case 'cold':
      return [
        ...before,
        ...(running ? [source('shut down')] : []),
        ...(copies ? [source('copy the disks')] : []),
        target('move the definition'),
        target('confirm where it runs'),
        source('remove the definition'),
        ...deleteDisks,
        ...(running ? [target('start')] : []),
      ]
    default:
      return assertNever(method)
  }
}

/** One move of a migration. Every step may be repeated: after a crash it asks what is true and goes on from there. */
export function migrateStep(scene: Scene<'vm.migrate'>): Flow {
  const { vm, step } = scene
  if (!vm) return { flow: 'finish', state: 'failed', outcome: gone(scene) }
  const m = migrateScene(scene, vm)
  const cold = scene.task.params.method === 'cold'
  switch (step) {
    case 'wait for a slot':
      return waitForSlot(m)
    case 'check the target':
      return checkTarget(m)
    case 'prepare the disks':
      return prepareDisks(m)
    case 'migrate':
      return migrateLive(m)
    case 'confirm where it runs':
      return cold ? confirmCold(m) : confirmLive(m)
    case 'shut down':
      return shutDown(m)
    case 'copy the disks':
      return copyDisks(m)
    case 'move the definition':
      return defineAtTarget(m)
    case 'remove the definition':
      return undefineAtSource(m)
    case 'delete the disks':
      return deleteDisks(m)
    case 'start':
      return startAgain(m)
    default:
      return cleanUp(m)
  }
}

export function migrateOutcome(scene: Scene<'vm.migrate'>): {
  state: 'succeeded' | 'failed' | 'cancelled'
  outcome: Outcome
} {
  const memo = scene.task.memo as MigrateMemo
  if (memo.end) return memo.end
  const { sourceId, targetId, method } = scene.task.params
  const vm = { id: scene.task.vmId!, name: scene.task.vmName }
  const target = hostRef(scene.world, targetId)
  if (scene.task.state === 'cancelling')
    return { state: 'succeeded', outcome: { code: 'too_late_to_cancel', vm, target } }
  return {
    state: 'succeeded',
    outcome: {
      code: 'migrated',
      vm,
      source: hostRef(scene.world, sourceId),
      target,
      method,
      totalMs: memo.report?.totalMs ?? scene.now - (scene.task.startedAt ?? scene.now),
      downtimeMs: memo.report?.downtimeMs ?? null,
      bytes: memo.report?.bytes ?? null,
    },
  }
}

function waitForSlot({ scene }: MigrateScene): Flow {
  const waiting = waitsForSlot(scene.world, scene.task as never)
  return waiting ? { flow: 'wait', waiting, untilAt: null } : { flow: 'next' }
}

/** Much may have changed while it waited: everything is checked again, and the target is asked what it has. */
function checkTarget(m: MigrateScene): Flow {
  const { scene, vm, source, target, cancelling } = m
  const { said, task } = scene
  const { method, datastoreIds } = task.params
  const ask = (hostId: typeof source.id) => send(hostId, { kind: 'vm.inspect', uuid: vm.uuid })
  if (cancelling) return { flow: 'finish', ...stayed(m, 'it was cancelled') }
  if (!said) {
    if (vm.hostId !== source.id)
      return refused([{ code: 'already_there', vm: refOf(vm), host: refOf(target) }])
    const route = checkRoute(scene.world, vm, target, method, datastoreIds, task.id)
    const refusals = [...checkVm(scene.world, vm, task.id), ...route.refusals]
    if (method === 'cold' && vm.power === 'running' && !task.steps.some(({ name }) => name === 'shut down'))
      refusals.push({ code: 'vm_power', vm: refOf(vm), is: vm.power, needs: ['off'] })
    if (refusals.length > 0) return refused(refusals)
    const disks = diskMoves(vm, source, target, datastoreIds)
    if (!disks) return { flow: 'finish', ...stayed(m, 'a datastore of its disks is no longer mounted') }
    return { ...ask(target.id), ...remember({ disks }) }
  }
  const asked = said.hostId === target.id ? target : source
  if (!said.result.ok) return interrupted(said) ? ask(asked.id) : askAgainLater(m, asked)
  const { domain, definition } = dataOf<Inspection>(said)
  if (asked === target) {
    if (domain && domain.state !== 'off' && domain.state !== 'crashed')
      return { flow: 'finish', ...stayed(m, `${target.name} says that it is ${domain.state} there already`) }
    // A cold migration defines it anew on the target: that wants the source's definition as it is now.
    return method === 'cold' ? ask(source.id) : { flow: 'next' }
  }
  if (!definition) return { flow: 'finish', ...stayed(m, `${source.name} does not have it`) }
  return { flow: 'next', events: definitionKept(vm, scene.definition, definition, causeOf(scene)) }
}

function refused(refusals: Refusal[]): Flow {
  const outcome: Outcome = { code: 'refused', sentence: sayRefusals(refusals) }
  return { flow: 'finish', state: 'failed', outcome }
}

/** The source's copies, once the VM's home is the target and its disks there are whole. */
function deleteDisks({ scene, source, memo }: MigrateScene): Flow {
  const { said } = scene
  const paths = copiedDisks(memo).map((disk) => disk.from)
  // Copies that cannot be deleted take up space and nothing worse: the migration has succeeded all the same.
  if (said && !interrupted(said)) return { flow: 'next', skipped: !said.result.ok }
  return send(source.id, { kind: 'disk.delete', paths })
}

/**
 * Removes what a migration that came to nothing left on the target. A target that is silent keeps it, and nothing runs
 * because of it; its definition is removed when the target is back.
 */
function cleanUp(m: MigrateScene): Flow {
  const { scene, vm, target, memo } = m
  const { said } = scene
  if (vm.hostId === target.id)
    throw new Error(`${vm.name} lives on ${target.name}: nothing of it is cleaned up`)
  const left = () => leftBehind(scene.world, scene.task, vm, scene.ctx)
  if (target.state !== 'connected' && !said) return { flow: 'next', skipped: true, events: left() }
  const again = said !== null && interrupted(said)
  if (memo.defined && (!said || (again && said.body.kind === 'vm.undefine')))
    return send(target.id, { kind: 'vm.undefine', uuid: vm.uuid })
  const paths = copiedDisks(memo).map((disk) => disk.to)
  if (paths.length > 0 && (said?.body.kind !== 'disk.delete' || again))
    return {
      ...send(target.id, { kind: 'disk.delete', paths }),
      events: said?.body.kind === 'vm.undefine' && !said.result.ok ? left() : [],
    }
  return { flow: 'next', events: said?.body.kind === 'vm.undefine' && !said.result.ok ? left() : [] }
}
