import {
  type ChangeEvent,
  type Outcome,
  type Refusal,
  refOf,
  type TaskPlan,
  type Vm,
  type VmChanges,
  verdict,
  type World,
} from '@drover/model'
import type { Definition } from '@drover/protocol'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { type Started, startTask } from '../task/create'
import { dataOf, type Flow, interrupted, maxTries, type Scene, send, triesOf } from '../task/flow'
import { hostOf, hostRef } from '../world/find'
import { usableMemoryBytes } from '../world/room'
import { put } from '../world/rows'
import { checkFree, checkName, checkPower, checkReachable, checkSize } from './check'
import { causeOf, gone, remedies } from './power'
import { type Cause, definitionKept } from './rows'

/** Only what is really different from how the VM is. */
function differing(vm: Vm, changes: VmChanges): VmChanges {
  const wanted = Object.entries(changes).filter(
    ([key, value]) => value !== undefined && JSON.stringify(vm[key as keyof Vm]) !== JSON.stringify(value),
  )
  return Object.fromEntries(wanted)
}

/** Name, vCPUs and memory are the hypervisor's to change; notes and tags are Drover's own. */
function needsHost({ name, vcpus, memoryBytes }: VmChanges): boolean {
  return name !== undefined || vcpus !== undefined || memoryBytes !== undefined
}

export function checkChange(world: World, vm: Vm, asked: VmChanges): Refusal[] {
  const changes = differing(vm, asked)
  const refusals = [...checkSize(changes)]
  if (changes.name !== undefined) refusals.push(...checkName(world, vm.clusterId, changes.name, vm))
  if (!needsHost(changes)) return [...refusals, ...checkFree(world, vm)]
  refusals.push(...checkReachable(world, vm))
  // Hypervisors rename and resize only what is off.
  refusals.push(...checkPower(vm, ['off', 'crashed']))
  const host = hostOf(world, vm.hostId)
  if (host.facts && changes.memoryBytes !== undefined && changes.memoryBytes > usableMemoryBytes(host)) {
    const freeBytes = usableMemoryBytes(host)
    const neededBytes = changes.memoryBytes
    refusals.push({ code: 'memory_short', vm: refOf(vm), host: refOf(host), neededBytes, freeBytes })
  }
  if (host.facts && changes.vcpus !== undefined && changes.vcpus > host.facts.cpu.cores) {
    const { cores } = host.facts.cpu
    refusals.push({ code: 'too_many_vcpus', vm: refOf(vm), host: refOf(host), vcpus: changes.vcpus, cores })
  }
  return refusals
}

export function planChange(world: World, vm: Vm, changes: VmChanges): TaskPlan {
  const host = hostRef(world, vm.hostId)
  return {
    what: 'vm.change',
    vm: refOf(vm),
    verdict: verdict(checkChange(world, vm, changes)),
    steps: needsHost(differing(vm, changes)) ? [{ name: 'change', host }] : [],
    target: null,
    method: null,
    expectedMs: null,
  }
}

/** Changes notes and tags at once (`taskId` null); name, vCPUs and memory as a task. */
export function decideChange(
  world: World,
  { vmId, changes: asked, reason }: { vmId: string; changes: VmChanges; reason?: string | null },
  ctx: Context,
): Decision<Started> {
  const vm = world.tables.vm.get(vmId)
  if (!vm) return refuse([{ code: 'not_found', noun: 'VM', id: vmId }])
  const plan = planChange(world, vm, asked)
  if (!plan.verdict.ok) return refuse(plan.verdict.refusals)
  const changes = differing(vm, asked)
  if (!needsHost(changes)) {
    const cause = { initiator: ctx.initiator, taskId: null, outside: false }
    return accept(changed(vm, changes, cause), { taskId: null, plan })
  }
  return startTask(world, ctx, plan, () => ({
    kind: 'vm.change',
    params: { changes },
    vm: refOf(vm),
    clusterId: vm.clusterId,
    hostIds: [vm.hostId],
    reason: reason ?? null,
  }))
}

function changed(vm: Vm, changes: Partial<Vm>, cause: Cause): ChangeEvent[] {
  const fields = Object.keys(changes)
  if (fields.length === 0) return []
  const { initiator, taskId, outside } = cause
  const row: Vm = { ...vm, ...changes }
  return [
    {
      body: { kind: 'vm.changed', vm: refOf(row), fields, outside },
      initiator,
      taskId,
      rows: [put('vm', row)],
    },
  ]
}

/** One order, which may be given again: it says what shall be, not what to do. */
export function changeStep(scene: Scene<'vm.change'>): Flow {
  const { vm, said, task } = scene
  if (!vm) return { flow: 'finish', state: 'failed', outcome: gone(scene) }
  const { changes } = task.params
  if (!said || (interrupted(said) && triesOf(scene) < maxTries)) {
    const { name = null, vcpus = null, memoryBytes = null } = changes
    const tries = triesOf(scene) + (said ? 1 : 0)
    return send(
      vm.hostId,
      { kind: 'vm.change', uuid: vm.uuid, name, vcpus, memoryBytes },
      { memo: { tries } },
    )
  }
  if (!said.result.ok) {
    const { message, error } = said.result
    const host = hostRef(scene.world, vm.hostId)
    const remedy = remedies[error] ?? null
    return {
      flow: 'finish',
      state: 'failed',
      outcome: { code: 'command_failed', what: 'change', vm: refOf(vm), host, cause: message, remedy },
    }
  }
  const cause = causeOf(scene)
  const definition = dataOf<Definition>(said)
  const events = [
    // The agent's report of it may have been quicker; then only notes and tags are left to write.
    ...changed(vm, differing(vm, changes), cause),
    ...definitionKept(vm, scene.definition, definition, cause),
  ]
  return { flow: 'next', events }
}

export function changeOutcome(scene: Scene<'vm.change'>): { state: 'succeeded'; outcome: Outcome } {
  if (!scene.vm) return { state: 'succeeded', outcome: gone(scene) }
  return { state: 'succeeded', outcome: { code: 'changed', vm: refOf(scene.vm) } }
}
