import { SimulatedHypervisor } from '@drover/hypervisor/simulated'
import { isOpen } from '@drover/model'
import type { Answer, Simulation } from '../world/simulation'
import { performHaFault } from './ha-faults'
import { changeLoad } from './load'
import type { Action } from './plan'
import { aboutWhat, decisionFor, fitting, type Request } from './requests'

/** Does what was planned, now. */
export function perform(sim: Simulation, action: Action, counts: Record<string, number>): void {
  const { kind, ...rest } = action
  sim.log.add('world', `${kind} ${JSON.stringify(rest)}`)
  count(counts, kind === 'ask' ? 'requests' : kind === 'load' ? 'loads' : 'faults')
  const after = (ms: number, fn: () => void): void => {
    sim.clock.setTimer(ms, fn)
  }
  switch (action.kind) {
    case 'ask':
      ask(sim, action, counts).catch((error: Error) =>
        sim.fail(
          'requests are answered',
          `${action.request.kind} ${aboutWhat(action.request)}: ${error.message}`,
        ),
      )
      return
    case 'outside':
      meddle(sim, action.what, action.vm)
      return
    case 'kill control': {
      const daemon = sim.leadingDaemon() ?? [...sim.daemons.values()][0]!
      daemon.kill()
      after(action.forMs, () => daemon.start())
      return
    }
    case 'kill agent': {
      const machine = sim.machines.get(action.host)!
      machine.killAgent()
      after(action.forMs, () => machine.startAgent())
      return
    }
    case 'control stalls':
      sim.daemons.get(action.daemon)!.stall(action.forMs)
      return
    case 'agent stalls':
      sim.machines.get(action.host)!.stallAgent(action.forMs)
      return
    case 'power loss': {
      const machine = sim.machines.get(action.host)!
      sim.losePower(action.host)
      after(action.forMs, () => machine.getPower())
      return
    }
    case 'cut':
      sim.network.cut(action.from, action.to)
      after(action.forMs, () => sim.network.heal(action.from, action.to))
      return
    case 'slow wire':
      sim.network.slowDown(action.station, action.extraMs)
      after(action.forMs, () => sim.network.slowDown(action.station, 0))
      return
    case 'store away':
      sim.store.goAway()
      after(action.forMs, () => sim.store.comeBack())
      return
    case 'store out of reach':
      sim.store.cutOff.add(action.daemon)
      after(action.forMs, () => sim.store.cutOff.delete(action.daemon))
      return
    case 'operation fails':
      sim.truth.inject({
        host: action.host,
        operation: action.operation,
        atFraction: action.atFraction,
        error: 'failed',
        message: 'It was told to fail.',
      })
      return
    case 'migration link down':
      sim.truth.setLink(action.host, false)
      after(action.forMs, () => sim.truth.setLink(action.host, true))
      return
    case 'slow host':
      sim.truth.host(action.host).slowness = action.factor
      after(action.forMs, () => {
        sim.truth.host(action.host).slowness = 1
      })
      return
    case 'load':
      changeLoad(sim, action)
      return
    case 'clock jumps':
      sim.jumpClock(action.daemon, action.byMs)
      return
    default:
      performHaFault(sim, action)
  }
}

async function ask(
  sim: Simulation,
  action: Extract<Action, { kind: 'ask' }>,
  counts: Record<string, number>,
) {
  const daemon = sim.leadingDaemon()
  const world = daemon?.control?.world
  const request = action.fitting && world ? fitting(world, action.request) : action.request
  if (request.kind === 'confirm off') return vouch(sim, request, counts)
  const answer: Answer<unknown> = daemon
    ? await sim.asked(daemon, decisionFor(request))
    : { kind: 'refused', codes: ['nobody leads'] }
  count(counts, `requests ${answer.kind}`)
  const words = answer.kind === 'refused' ? answer.codes.join(', ') : ''
  sim.log.add('world', `${request.kind} ${aboutWhat(request)}: ${answer.kind} ${words}`)
}

/** What somebody with a shell on the host can do to a VM. */
function meddle(sim: Simulation, what: 'start' | 'stop' | 'suspend' | 'resume', name: string): void {
  for (const host of sim.truth.hosts.values()) {
    const domain = [...host.domains.values()].find((d) => d.name === name && d.state !== 'incoming')
    if (!domain || !host.on) continue
    // Without locks nothing would keep a person from starting it twice; that is not for Drover to prevent.
    if (what === 'start' && !sim.site.locks && !staysOn(sim, domain.uuid, host.is.name)) continue
    if (what === 'start' && !livesOn(sim, domain.uuid, host.is.name)) sim.strays.add(domain.uuid)
    sim.meddled.set(domain.uuid, sim.now() + 3_000)
    new SimulatedHypervisor(sim.truth, host.is.name)
      [what](domain.uuid)
      .catch((error: Error) =>
        sim.log.add(host.is.name, `somebody tried to ${what} ${name}: ${error.message}`),
      )
    return
  }
}

/** It lives there, and is not about to leave while the start is on its way. */
function staysOn(sim: Simulation, uuid: string, host: string): boolean {
  const moves = [...sim.ledger.folded.task.values()].some(
    (task) =>
      task.kind === 'vm.migrate' && isOpen(task) && sim.ledger.folded.vm.get(task.vmId!)?.uuid === uuid,
  )
  return !moves && livesOn(sim, uuid, host)
}

function livesOn(sim: Simulation, uuid: string, host: string): boolean {
  const vm = [...sim.ledger.folded.vm.values()].find((row) => row.uuid === uuid)
  return vm !== undefined && sim.ledger.folded.host.get(vm.hostId)?.name === host
}

/** Somebody stands before the host, sees that it is off, pulls its plug and says so: nobody of ours says what is not true. */
async function vouch(
  sim: Simulation,
  request: Extract<Request, { host: string }>,
  counts: Record<string, number>,
): Promise<void> {
  const machine = sim.machines.get(request.host)
  const daemon = sim.leadingDaemon()
  if (!machine || machine.powered || !daemon) return count(counts, 'requests not made')
  machine.pulled = true
  sim.clock.setTimer(60_000, () => machine.plugIn())
  const answer = await sim.asked(daemon, decisionFor(request))
  count(counts, `requests ${answer.kind}`)
  sim.log.add('world', `${request.kind} ${request.host}: ${answer.kind}`)
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1
}
