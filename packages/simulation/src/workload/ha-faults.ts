import { crash, plug, unplug } from '@drover/hypervisor/simulated'
import type { Simulation } from '../world/simulation'
import type { HaFault } from './faults'
import { reference } from './site'

/** What a machine takes to go down: at least, and with guests that do not want to, while the watchdog or a lease may end. */
const quickDownMs = 5_000
const slowDownMs = 120_000

/** Lets something go wrong now, and ends it in time. */
export function performHaFault(sim: Simulation, fault: HaFault): void {
  const after = (ms: number, fn: () => void): void => {
    sim.clock.setTimer(ms, fn)
  }
  switch (fault.kind) {
    case 'host hangs': {
      const machine = sim.machines.get(fault.host)!
      machine.freeze()
      after(fault.forMs, () => machine.thaw())
      return
    }
    case 'host is cut off':
      cutOff(sim, fault.host, peersOf(sim, fault.host, fault.from), fault.forMs)
      return
    case 'control is cut off':
      cutOff(sim, fault.daemon, ['*'], fault.forMs)
      return
    case 'device is cut off':
      cutOff(sim, fault.device, ['*'], fault.forMs)
      return
    case 'device fails': {
      const device = sim.devices.get(fault.device)
      if (!device) return
      device.mode = fault.mode
      device.answerMs = fault.answerMs
      if (fault.mode === 'late') device.offAfterMs = 12_000
      after(fault.forMs, () => device.mend())
      return
    }
    case 'storage is gone': {
      const datastore = sim.description.datastores.find(({ name }) => name === fault.datastore)!.uuid
      for (const { is } of sim.truth.hosts.values()) {
        if (fault.host !== null && fault.host !== is.name) continue
        unplug(sim.truth, is.name, datastore, fault.how)
        after(fault.forMs, () => plug(sim.truth, is.name, datastore))
      }
      return
    }
    case 'switch dies':
    case 'host is lost': {
      if (fault.kind === 'switch dies') cutOff(sim, reference, [...sim.daemons.keys()], fault.forMs)
      cutOff(sim, fault.host, ['*'], fault.forMs)
      for (const { datastore } of sim.truth.host(fault.host).is.mounts) {
        unplug(sim.truth, fault.host, datastore, 'failing')
        after(fault.forMs, () => plug(sim.truth, fault.host, datastore))
      }
      return
    }
    case 'agent is stopped': {
      const machine = sim.machines.get(fault.host)!
      if (fault.afterwards === 'machine goes down') {
        const downMs = Math.min(Math.max(quickDownMs, fault.forMs), slowDownMs)
        machine.shutDown(downMs)
        after(fault.forMs + downMs, () => machine.switchOn('somebody'))
        return
      }
      void machine.leaveAgent({ answers: !fault.silent })
      if (fault.afterwards === 'starts') after(fault.forMs, () => machine.startAgent())
      else {
        // Somebody may have started it again: then nothing more comes of its having been stopped.
        after(fault.forMs, () => {
          if (machine.running) return
          sim.losePower(fault.host)
          after(fault.forMs, () => machine.getPower())
        })
      }
      return
    }
    case 'several hosts':
      for (const [i, host] of fault.hosts.entries()) {
        after(i * fault.apartMs, () => strike(sim, host, fault.what, fault.forMs))
      }
      return
    case 'vm crashes':
      for (const { is, domains } of sim.truth.hosts.values()) {
        const domain = [...domains.values()].find(({ name, guest }) => name === fault.vm && guest)
        if (domain && crash(sim.truth, is.name, domain.uuid)) sim.meddled.set(domain.uuid, sim.now())
      }
      return
    case 'host clock jumps':
      sim.machines.get(fault.host)!.skewMs += fault.byMs
  }
}

function strike(sim: Simulation, host: string, what: 'power' | 'hang' | 'cut off', forMs: number): void {
  const machine = sim.machines.get(host)!
  if (what === 'cut off') {
    cutOff(sim, host, ['*'], forMs)
    return
  }
  if (what === 'hang') machine.freeze()
  else sim.losePower(host)
  sim.clock.setTimer(forMs, () => (what === 'hang' ? machine.thaw() : machine.getPower()))
}

function peersOf(sim: Simulation, host: string, from: 'control' | 'hosts' | 'everybody'): string[] {
  if (from === 'everybody') return ['*']
  if (from === 'control') return [...sim.daemons.keys()]
  return [...sim.machines.keys()].filter((other) => other !== host)
}

function cutOff(sim: Simulation, station: string, from: string[], forMs: number): void {
  for (const other of from) {
    sim.network.cut(other, station)
    sim.network.cut(station, other)
  }
  sim.clock.setTimer(forMs, () => {
    for (const other of from) {
      sim.network.heal(other, station)
      sim.network.heal(station, other)
    }
  })
}
