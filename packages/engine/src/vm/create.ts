import {
  type ChangeEvent,
  type CreateVmInput,
  type Host,
  type HostId,
  lookedAfter,
  type Outcome,
  type Placement,
  type Refusal,
  refOf,
  type StepName,
  type TaskPlan,
  type Vm,
  verdict,
  type World,
} from '@drover/model'
import type { Definition, VmSpec } from '@drover/protocol'
import type { Context } from '../context'
import { type Decision, refuse } from '../decision'
import { checkAdmission } from '../plan/admission'
import { type Started, startTask } from '../task/create'
import { dataOf, type Flow, interrupted, maxTries, type Scene, send, triesOf } from '../task/flow'
import { hostOf, hostRef, joinPath, mountOf, networkRef, pathOn } from '../world/find'
import { put } from '../world/rows'
import { checkName, checkSize } from './check'
import { placements, type Wanted } from './place'
import { causeOf, doPower, remedies } from './power'
import { definitionKept } from './rows'

/** What a creation comes to: a verdict with every reason against, and the host it would be on. */
export function planCreate(world: World, input: CreateVmInput): TaskPlan {
  const { host, refusals } = choose(world, input)
  const admission = host && input.powerOn ? checkAdmission(world, vmToBe(input, host.id), host.id) : null
  const names: StepName[] = ['copy the image', 'define', ...(input.powerOn ? (['start'] as const) : [])]
  return {
    what: 'vm.create',
    vm: null,
    verdict: verdict([...checkInput(world, input), ...refusals, ...(admission?.refusals ?? [])]),
    steps: names.map((name) => ({ name, host })),
    target: host,
    method: null,
    expectedMs: null,
    warning: admission?.warning ?? null,
  }
}

/** Accepts a creation as a task. The VM is in the inventory once its host has it defined. */
export function decideCreate(
  world: World,
  { reason, ...input }: CreateVmInput & { reason?: string | null },
  ctx: Context,
): Decision<Started> {
  const plan = planCreate(world, input)
  if (!plan.verdict.ok) return refuse(plan.verdict.refusals)
  const uuid = ctx.uuid()
  const datastoreId = input.datastoreId ?? input.image.datastoreId
  // Space is promised by what the disk may grow to, so the size is settled now.
  const diskBytes = input.diskBytes ?? imageOf(world, input)?.sizeBytes ?? null
  return startTask(world, ctx, plan, () => ({
    kind: 'vm.create',
    params: { input: { ...input, diskBytes }, uuid, mac: macOf(ctx.uuid()) },
    vm: { id: ctx.ids.next('vm'), name: input.name },
    clusterId: input.clusterId,
    hostIds: [plan.target!.id],
    networkIds: input.networkId ? [input.networkId] : [],
    datastoreIds: [datastoreId],
    reason: reason ?? null,
  }))
}

function checkInput(world: World, input: CreateVmInput): Refusal[] {
  const refusals = [...checkName(world, input.clusterId, input.name), ...checkSize(input)]
  const image = imageOf(world, input)
  if (!image) refusals.push({ code: 'not_found', noun: 'image', id: input.image.path })
  else if (input.diskBytes !== null && input.diskBytes < image.sizeBytes) {
    const problem = `the disk would be smaller than its image`
    const remedy = `Give it at least ${image.sizeBytes} bytes.`
    refusals.push({ code: 'invalid', field: 'diskBytes', problem, remedy })
  }
  if (input.networkId && !world.tables.network.has(input.networkId))
    refusals.push({ code: 'not_found', noun: 'network', id: input.networkId })
  return refusals
}

function imageOf(world: World, { image }: Pick<CreateVmInput, 'image'>) {
  return world.tables.datastore.get(image.datastoreId)?.images.find(({ path }) => path === image.path)
}

/** The host that was asked for, or the one it fits best on; with why not. */
function choose(world: World, input: CreateVmInput): { host: Placement['host'] | null; refusals: Refusal[] } {
  const name = input.name || 'the new VM'
  const wanted: Wanted = { ...input, name }
  if (!world.tables.cluster.has(input.clusterId))
    return { host: null, refusals: [{ code: 'not_found', noun: 'cluster', id: input.clusterId }] }
  const all = placements(world, wanted)
  if (input.hostId) {
    const chosen = all.find(({ host }) => host.id === input.hostId)
    if (!chosen) return { host: null, refusals: [{ code: 'not_found', noun: 'host', id: input.hostId }] }
    return { host: chosen.host, refusals: chosen.verdict.ok ? [] : chosen.verdict.refusals }
  }
  const best = all.find((placement) => placement.verdict.ok)
  if (best) return { host: best.host, refusals: [] }
  const hosts = all.map(({ host, verdict: said }) => ({ host, refusals: said.ok ? [] : said.refusals }))
  return { host: null, refusals: [{ code: 'no_host_fits', vm: { id: 'vm-0', name }, hosts }] }
}

/** One step of a creation: the disk, then the definition, then the start. Nothing is left of one that fails before the VM exists. */
export function createStep(scene: Scene<'vm.create'>): Flow {
  switch (scene.step) {
    case 'copy the image':
      return copyImage(scene)
    case 'define':
      return define(scene)
    case 'start':
      return start(scene)
    default:
      return cleanUp(scene)
  }
}

export function createOutcome(scene: Scene<'vm.create'>): { state: 'succeeded'; outcome: Outcome } {
  const host = hostRef(scene.world, hostIdOf(scene))
  return { state: 'succeeded', outcome: { code: 'created', vm: vmRef(scene), host } }
}

function copyImage(scene: Scene<'vm.create'>): Flow {
  const { said, task } = scene
  const hostId = hostIdOf(scene)
  const host = hostOf(scene.world, hostId)
  const { input } = task.params
  const sourceRoot = mountOf(host, input.image.datastoreId)
  const targetPath = diskPath(scene, host)
  if (sourceRoot === undefined || targetPath === undefined)
    return undo(scene, 'create', 'it no longer has the datastore', null)
  const clone = (tries: number) =>
    send(
      hostId,
      {
        kind: 'disk.clone',
        sourcePath: joinPath(sourceRoot, input.image.path),
        targetPath,
        format: 'qcow2',
        sizeBytes: input.diskBytes,
      },
      { memo: { tries } },
    )
  if (!said) return task.state === 'cancelling' ? undo(scene, 'create', '', null) : clone(0)
  if (said.result.ok) return { flow: 'next' }
  // Its place is this VM's alone, and nothing comes to be there but whole: an earlier order has done it.
  if (said.result.error === 'already_exists') return { flow: 'next' }
  if (said.body.kind === 'disk.info') {
    // A clone is written beside its place and renamed when whole: what is not there was never finished.
    if (interrupted(said)) return send(hostId, { kind: 'disk.info', path: targetPath })
    if (triesOf(scene) < maxTries && task.state !== 'cancelling') return clone(triesOf(scene) + 1)
  } else if (interrupted(said)) return send(hostId, { kind: 'disk.info', path: targetPath })
  return undo(scene, 'copy the image for', said.result.message, said.result.error)
}

function define(scene: Scene<'vm.create'>): Flow {
  const { said, task } = scene
  const hostId = hostIdOf(scene)
  const host = hostOf(scene.world, hostId)
  if (!said && task.state === 'cancelling') return undo(scene, 'create', '', null)
  if (!said || (interrupted(said) && triesOf(scene) < maxTries)) {
    const body = {
      kind: 'vm.define',
      uuid: task.params.uuid,
      from: { kind: 'spec', spec: specOf(scene, host) },
    } as const
    return send(hostId, body, { memo: { defined: true, tries: triesOf(scene) + (said ? 1 : 0) } })
  }
  if (!said.result.ok) return undo(scene, 'define', said.result.message, said.result.error)
  const definition = dataOf<Definition>(said)
  const vm = newVm(scene)
  const created: ChangeEvent = {
    body: { kind: 'vm.created', vm: refOf(vm), host: refOf(host) },
    initiator: task.initiator,
    taskId: task.id,
    rows: [put('vm', vm)],
  }
  return { flow: 'next', events: [created, ...definitionKept(vm, undefined, definition, causeOf(scene))] }
}

function start(scene: Scene<'vm.create'>): Flow {
  const { vm, task, said } = scene
  if (!vm) return { flow: 'finish', state: 'failed', outcome: { code: 'gone', vm: vmRef(scene) } }
  const host = hostRef(scene.world, vm.hostId)
  if (!said && task.state === 'cancelling')
    return { flow: 'finish', state: 'cancelled', outcome: { code: 'cancelled', vm: refOf(vm), where: host } }
  const move = doPower(scene, vm, 'vm.start', vm.hostId)
  if ('flow' in move) return move
  if (move.done) return { flow: 'next', events: move.events }
  const outcome = failure(scene, 'start', move.message, move.error)
  return { flow: 'finish', state: 'failed', outcome, events: move.events }
}

/** Gives up: what there is so far is removed, and then the task ends the way it has to. */
function undo(scene: Scene<'vm.create'>, what: string, cause: string, error: string | null): Flow {
  const cancelled = scene.task.state === 'cancelling' && (error === null || error === 'aborted')
  const end = cancelled
    ? { state: 'cancelled', outcome: { code: 'cancelled', vm: vmRef(scene), where: null } }
    : { state: 'failed', outcome: failure(scene, what, cause, error) }
  return { flow: 'turn', to: [{ name: 'clean up', hostId: hostIdOf(scene) }], memo: { end } }
}

function cleanUp(scene: Scene<'vm.create'>): Flow {
  const { said, task } = scene
  const hostId = hostIdOf(scene)
  const end = task.memo.end as { state: 'failed' | 'cancelled'; outcome: Outcome }
  const path = diskPath(scene, hostOf(scene.world, hostId))
  const again = said !== null && interrupted(said)
  if (task.memo.defined && (!said || (again && said.body.kind === 'vm.undefine')))
    return send(hostId, { kind: 'vm.undefine', uuid: task.params.uuid })
  if (path !== undefined && (again || said?.body.kind !== 'disk.delete'))
    return send(hostId, { kind: 'disk.delete', paths: [path] })
  return { flow: 'finish', ...end }
}

function hostIdOf(scene: Scene<'vm.create'>): HostId {
  return scene.task.hostIds[0]!
}

function vmRef({ task }: Scene<'vm.create'>) {
  return { id: task.vmId!, name: task.vmName }
}

function failure(scene: Scene<'vm.create'>, what: string, cause: string, error: string | null): Outcome {
  const host = hostRef(scene.world, hostIdOf(scene))
  const remedy = (error && remedies[error]) ?? null
  return { code: 'command_failed', what, vm: vmRef(scene), host, cause, remedy }
}

/** Where the first disk goes, relative to its datastore: the id keeps it apart from any other VM of that name. */
function diskOf({ task }: Scene<'vm.create'>) {
  const { input } = task.params
  return {
    datastoreId: input.datastoreId ?? input.image.datastoreId,
    path: `vms/${task.vmName}-${task.vmId}/disk0.qcow2`,
  }
}

function diskPath(scene: Scene<'vm.create'>, host: Host): string | undefined {
  return pathOn(host, diskOf(scene))
}

function specOf(scene: Scene<'vm.create'>, host: Host): VmSpec {
  const { input, uuid, mac } = scene.task.params
  const { name, vcpus, memoryBytes, networkId } = input
  const nics = networkId ? [{ network: networkRef(scene.world, networkId).name, mac }] : []
  const disks = [{ path: diskPath(scene, host) ?? '', format: 'qcow2' as const }]
  return { uuid, name, vcpus, memoryBytes, disks, nics }
}

function newVm(scene: Scene<'vm.create'>): Vm {
  const { task, now } = scene
  const { input, uuid, mac } = task.params
  return {
    ...vmToBe(input, hostIdOf(scene)),
    id: task.vmId!,
    uuid,
    powerSince: now,
    disks: [{ ...diskOf(scene), format: 'qcow2', sizeBytes: input.diskBytes ?? 0 }],
    nics: input.networkId ? [{ networkId: input.networkId, mac }] : [],
    createdAt: now,
  }
}

/** The VM that an input comes to, as far as it matters where it would be. */
function vmToBe(input: CreateVmInput, hostId: HostId): Vm {
  const disk = { datastoreId: input.datastoreId ?? input.image.datastoreId, path: '' }
  return {
    id: 'vm-0',
    clusterId: input.clusterId,
    hostId,
    name: input.name || 'the new VM',
    uuid: '',
    power: 'off',
    powerSince: 0,
    powerReason: null,
    vcpus: input.vcpus,
    memoryBytes: input.memoryBytes,
    disks: [{ ...disk, format: 'qcow2', sizeBytes: input.diskBytes ?? 0 }],
    nics: input.networkId ? [{ networkId: input.networkId, mac: '' }] : [],
    ...lookedAfter(input.powerOn ? 'running' : 'off'),
    notes: input.notes,
    tags: input.tags,
    createdAt: 0,
  }
}

/** A MAC address in the range that KVM guests use, from a uuid's random digits. */
function macOf(uuid: string): string {
  const digits = uuid.replaceAll('-', '').slice(-6)
  return `52:54:00:${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4, 6)}`
}
