import { crash, profileOf } from '@drover/hypervisor/simulated'
import type { OpOf } from '../format/op'
import { describeVm, loadOf, MiB, vcpusOf } from '../world/describe'
import { vmNamed } from '../world/setup'
import type { Stage } from '../world/stage'
import type { Does } from './host'
import { verbs } from './verbs'

type VmOp = `vm.${
  | 'set_desired'
  | 'migrate'
  | 'stop'
  | 'register'
  | 'unregister'
  | 'lock'
  | 'unlock'
  | 'moved_out_of_band'
  | 'crash'
  | 'resize'
  | 'load'}`

export const vmOps: { [K in VmOp]: Does<K> } = {
  'vm.set_desired': (stage, { vm, desired }) => setDesired(stage, vm, desired),
  'vm.migrate': (stage, { vm, to, mode }) => stage.ask(`move ${vm} to ${to}`, verbs.migrate(vm, to, mode)),
  'vm.stop': (stage, { vm, timeout_s }) =>
    stage.ask(`stop ${vm}`, timeout_s === 0 ? verbs.stop(vm) : verbs.shutdown(vm, (timeout_s ?? 60) * 1_000)),
  'vm.unregister': (stage, { vm }) => stage.ask(`leave ${vm} alone`, verbs.manage(vm, false)),

  'vm.register': (stage, op) => {
    if (stage.guests.knows(op.vm)) registerAgain(stage, op)
    else make(stage, op)
    // It is known once its host's agent has seen it; until then the operator asks again.
    stage.ask(`look after ${op.vm}`, verbs.lookAfter(op.vm, { ...op, id: op.vm }, stage.tiers))
    for (const rule of stage.scenario.cluster.rules)
      if (rule.vms.includes(op.vm)) stage.ask(`put ${op.vm} into ${rule.id}`, verbs.joinRule(rule, op.vm))
    setDesired(stage, op.vm, op.desired)
  },

  'vm.lock': (stage, { vm, dies_with_host }) =>
    stage.guests.lock(vm, whereIs(stage, vm)?.host ?? null, dies_with_host),
  'vm.unlock': (stage, { vm }) => stage.guests.unlock(vm),

  'vm.moved_out_of_band': (stage, { vm, to }) => carry(stage, vm, to),

  'vm.crash': (stage, { vm }) => {
    const place = whereIs(stage, vm)
    if (place) crash(stage.sim.truth, place.host, place.uuid)
  },

  'vm.resize': (stage, { vm, cpu, mem_mib }) => {
    const { truth } = stage.sim
    const uuid = stage.guests.uuidOf(vm)
    for (const host of truth.hosts.values()) {
      const domain = host.domains.get(uuid)
      if (!domain) continue
      if (cpu !== undefined) domain.vcpus = vcpusOf(cpu)
      if (mem_mib !== undefined) domain.memoryBytes = Math.round(mem_mib) * MiB
      host.domains.set(uuid, { ...domain })
      truth.changed(host, uuid)
    }
  },

  'vm.load': (stage, { vm, cpu, mem_mib }) => {
    const { truth } = stage.sim
    const uuid = stage.guests.uuidOf(vm)
    const host = [...truth.hosts.values()].find((one) => one.domains.has(uuid))
    const domain = host?.domains.get(uuid)
    if (!domain) return
    const size = { cpu: domain.vcpus, mem_mib: domain.memoryBytes / MiB }
    const before = truth.profile(uuid)
    const load = {
      cpu: cpu ?? before.cpu * size.cpu,
      mem_mib: mem_mib ?? before.memory * size.mem_mib,
    }
    truth.profiles.set(uuid, { ...profileOf(uuid, truth.seed), ...loadOf(size, load) })
  },
}

function setDesired(stage: Stage, vm: string, desired: OpOf<'vm.set_desired'>['desired']): void {
  if (desired === 'unmanaged') {
    stage.ask(`leave ${vm} alone`, verbs.manage(vm, false))
    return
  }
  if (desired === 'running') {
    if (!managed(stage, vm)) stage.ask(`look after ${vm}`, verbs.manage(vm, true))
    stage.ask(`have ${vm} run`, verbs.want(vm, 'running'))
    return
  }
  stage.ask(`have ${vm} off`, verbs.want(vm, 'stopped'))
  if (whereIs(stage, vm)) stage.ask(`shut ${vm} down`, verbs.shutdown(vm, 60_000))
}

function managed({ sim }: Stage, name: string): boolean {
  return vmNamed({ tables: sim.ledger.folded }, name)?.ha.restart !== 'none'
}

/** A VM that somebody made on a host, which Drover has not seen yet. */
function make(stage: Stage, op: OpOf<'vm.register'>): void {
  const { vm, host, power, faults } = op
  const { truth } = stage.sim
  const uuid = stage.random.uuid()
  stage.guests.add(uuid, vm, faults)
  const index =
    1_000 + truth.hosts.size + [...truth.hosts.values()].reduce((sum, one) => sum + one.domains.size, 0)
  truth.addVm(describeVm({ ...op, name: vm, running: power === 'on' }, uuid, stage.datastore, index))
  stage.watcher.look(true)
  truth.changed(truth.host(host), uuid)
}

/** A VM that was left alone is looked after again: where it runs, or else where it is said to be. */
function registerAgain(stage: Stage, { vm, host }: OpOf<'vm.register'>): void {
  const place = whereIs(stage, vm)
  if (place) stage.recorder.add({ ev: 'vm_started', vm, host: place.host }, true)
  else carry(stage, vm, host)
  stage.watcher.tellAgain(stage.guests.uuidOf(vm))
}

/** Somebody takes a VM to another host, as it is, past Drover. */
function carry(stage: Stage, vm: string, to: string): void {
  const { truth } = stage.sim
  const uuid = stage.guests.uuidOf(vm)
  const from = [...truth.hosts.values()].find((host) => host.domains.has(uuid))
  const target = truth.host(to)
  if (!from || from === target) return
  const domain = from.domains.get(uuid)!
  from.domains.delete(uuid)
  target.domains.set(uuid, domain)
  stage.watcher.look(true)
  truth.changed(from, uuid)
  truth.changed(target, uuid)
}

/** The host that has the VM's process. */
function whereIs({ sim, guests }: Stage, vm: string): { host: string; uuid: string } | null {
  const uuid = guests.uuidOf(vm)
  const host = sim.truth.activeOn(uuid)[0]
  return host === undefined ? null : { host, uuid }
}
