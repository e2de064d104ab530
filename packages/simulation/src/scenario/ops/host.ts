import { plug, unplug } from '@drover/hypervisor/simulated'
import type { GuestPolicy } from '@drover/model'
import type { Op, OpOf } from '../format/op'
import type { Stage } from '../world/stage'
import { verbs } from './verbs'

export type Does<K extends Op['op']> = (stage: Stage, op: OpOf<K>) => void

type HostOp =
  | `host.${'crash' | 'isolate' | 'heal' | 'recover' | 'confirm_off' | 'shutdown' | 'enter_maintenance' | 'exit_maintenance'}`
  | `agent.${'restart' | 'crash' | 'recover'}`
  | `storage.${'isolate' | 'heal'}`
  | `fence.${'break' | 'repair'}`

const policies: Record<OpOf<'host.shutdown'>['guests'], GuestPolicy> = {
  evacuate: 'evacuate',
  failover: 'failover',
  'restart-in-place': 'restartInPlace',
  hold: 'hold',
}

/** How long a restart of an agent takes, as its service manager does it. */
const agentRestartS = 2

export const hostOps: { [K in HostOp]: Does<K> } = {
  'host.crash': ({ sim }, { host }) => sim.losePower(host),

  'host.isolate': (stage, { host }) => {
    stage.isolate(host)
    stage.recorder.add({ ev: 'host_isolated', host })
  },

  'host.heal': (stage, { host }) => {
    if (!stage.isolated.has(host)) return
    stage.heal(host)
    stage.recorder.add({ ev: 'host_healed', host })
  },

  // Repaired: whatever was wrong with it is not any more, and it has power and an agent.
  'host.recover': (stage, { host }) => {
    if (stage.isolated.has(host)) hostOps['host.heal'](stage, { op: 'host.heal', host })
    const machine = stage.sim.machines.get(host)!
    machine.getPower()
    machine.startAgent()
  },

  'host.confirm_off': (stage, { host }) => stage.ask(`confirm that ${host} is off`, verbs.confirmOff(host)),

  'host.shutdown': (stage, { host, reboot, guests }) => {
    stage.watcher.intentions.leaving.set(host, 'shutdown')
    stage.ask(`shut ${host} down`, verbs.shutdownHost(host, reboot, policies[guests]))
  },

  'host.enter_maintenance': (stage, { host }) =>
    stage.ask(`take ${host} into maintenance`, verbs.enterMaintenance(host)),

  'host.exit_maintenance': (stage, { host }) =>
    stage.ask(`put ${host} back in service`, verbs.exitMaintenance(host)),

  'agent.restart': (stage, { host }) => {
    const machine = stage.sim.machines.get(host)!
    machine.killAgent()
    stage.later(agentRestartS, () => machine.startAgent())
  },

  'agent.crash': ({ sim }, { host }) => sim.machines.get(host)!.killAgent(),
  'agent.recover': ({ sim }, { host }) => sim.machines.get(host)!.startAgent(),

  'storage.isolate': ({ sim, datastore }, { host }) => unplug(sim.truth, host, datastore, 'failing'),
  'storage.heal': ({ sim, datastore }, { host }) => plug(sim.truth, host, datastore),

  'fence.break': (stage, { host }) => {
    stage.device(host).mode = 'broken'
  },
  'fence.repair': (stage, { host }) => {
    stage.device(host).mode = 'sound'
  },
}
