import { type Host, isHeld, isOpen, isSilent, type Task, type Vm } from '@drover/model'
import type { Stage } from './stage'

/** A host that stays in one state for so long stays in it until something happens to it. */
const stuckMs = 90_000
/** Things of control that wait for somebody or something to change. */
const patient = new Set(['proof', 'capacity', 'attention', 'agent_back', 'parts', 'host_answer'])

/**
 * Whether nothing is under way: no task does anything, no host is being made up one's mind about, and every VM runs, is
 * off, or waits for something that does not come by itself. Null when it is quiet, else what is not.
 */
export function unrest(stage: Stage): string | null {
  const { sim } = stage
  const able = [...sim.daemons.values()].filter(({ name, running }) => running && !sim.store.cutOff.has(name))
  const nobody = able.length === 0 || sim.store.away
  if (stage.pending > stage.unheard) return 'something asked for, or due'
  if (sim.truth.migrations.size > 0) return 'a migration'
  if (!nobody && !sim.leadingDaemon()) return 'nobody leads'
  const { host: hosts, vm: vms, task: tasks } = sim.ledger.folded
  const now = sim.now()
  for (const host of hosts.values()) {
    const why = unsettledHost(stage, host, now)
    if (why) return why
  }
  for (const task of tasks.values()) {
    const why = isOpen(task) && unsettledTask(task, now)
    if (why) return why
  }
  const cluster = [...sim.ledger.folded.cluster.values()][0]!
  if (cluster.ha.mode !== 'armed') return null
  for (const vm of vms.values()) {
    const host = hosts.get(vm.hostId)
    const why = host && unsettledVm(vm, host, now)
    if (why) return why
  }
  return null
}

function unsettledHost({ sim, isolated, scenario }: Stage, host: Host, now: number): string | null {
  const truth = sim.truth.host(host.name)
  const machine = sim.machines.get(host.name)!
  const there = truth.on && machine.running && !isolated.has(host.name)
  if (there ? host.state === 'connected' : host.state === 'fenced') return null
  const { self_s } = scenario.cluster.hosts.find(({ id }) => id === host.name)!.fence
  const patienceMs = stuckMs + 2_000 * (self_s ?? 0)
  return now - host.stateSince < patienceMs ? `${host.name} is ${host.state}` : null
}

function unsettledTask(task: Task, now: number): string | null {
  const what = `${task.id} ${task.kind}`
  if (task.kind === 'host.fence') return now - task.createdAt < stuckMs ? what : null
  if (task.command) return what
  if (task.waiting && patient.has(task.waiting.code)) return now - task.createdAt < stuckMs ? what : null
  return what
}

function unsettledVm(vm: Vm, host: Host, now: number): string | null {
  const { recovery } = vm
  const what = `${vm.name} is to run`
  if (recovery?.state === 'error') return null
  if (recovery?.state === 'starting') return what
  if (recovery) return recovery.notBefore !== null && recovery.notBefore > now ? what : null
  if (vm.desired !== 'running' || vm.ha.restart === 'none' || isSilent(host) || isHeld(host)) return null
  return vm.power === 'running' || vm.power === 'paused' ? null : what
}
