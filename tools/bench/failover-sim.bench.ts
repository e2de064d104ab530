import { describeDatacenter, Simulation } from '@drover/simulation'
import type { Bench } from '../bench'
import { quantile } from './statistics'
import { table } from './table'

interface Loss {
  suspectMs: number
  /** Its fence device says that it is off; NaN when it has power. */
  saidMs: number
  decidedMs: number
  provenMs: number
  firstMs: number
  allMs: number
  vms: number
}

/** Virtual time from the loss of a host's power until everything that ran there runs again, at full size. */
export const bench: Bench = {
  about:
    'failover in the simulation, 64 hosts of 40 VMs: one host after the other loses its power (--what hang: hangs)',
  options: { hosts: '64', vms: '40', losses: '5', what: 'power', seed: '1' },
  async run(options, print) {
    const [hosts, vms, losses, seed] = ['hosts', 'vms', 'losses', 'seed'].map((name) => Number(options[name]))
    print(`${hosts} hosts of ${vms} VMs; the real control and agent code on a virtual clock; seed ${seed}.`)
    print('Times are virtual: from the loss of the host to the moment in which the guest process runs.\n')
    const began = Date.now()
    const site = await open(hosts!, vms!, seed!)
    const found: Loss[] = []
    const each: number[] = []
    for (let n = 0; n < losses!; n++) {
      const { loss, vmMs } = await lose(site, `esx-${((n * 7) % hosts!) + 1}`, options.what === 'hang')
      found.push(loss)
      each.push(...vmMs)
      print(
        `esx-${((n * 7) % hosts!) + 1}: all ${loss.vms} VMs run after ${(loss.allMs / 1000).toFixed(1)} s`,
      )
    }
    const row = (name: string, values: number[]) => [
      name,
      ...[0.5, 0.99, 1].map((q) => (quantile(values, q) / 1000).toFixed(2)),
    ]
    print('')
    for (const line of table([
      ['seconds since the loss', 'p50', 'p99', 'worst'],
      row(
        'suspect',
        found.map(({ suspectMs }) => suspectMs),
      ),
      ...(options.what === 'hang'
        ? []
        : [
            row(
              'its device says off',
              found.map(({ saidMs }) => saidMs),
            ),
          ]),
      row(
        'decided',
        found.map(({ decidedMs }) => decidedMs),
      ),
      row(
        'proven off',
        found.map(({ provenMs }) => provenMs),
      ),
      row(
        'first VM running',
        found.map(({ firstMs }) => firstMs),
      ),
      row('each VM running', each),
      row(
        'all VMs running',
        found.map(({ allMs }) => allMs),
      ),
    ]))
      print(line)
    print(`\n${((Date.now() - began) / 1000).toFixed(0)} s of this machine's time.`)
  },
}

async function open(hosts: number, vms: number, seed: number): Promise<Simulation> {
  const description = describeDatacenter(seed, {
    hosts,
    shared: { running: hosts * vms, off: 0 },
    local: { running: 0, off: 0 },
  })
  for (const host of description.hosts) {
    host.cores = 64
    host.memoryBytes = 64 * 1024 ** 3
  }
  const sim = new Simulation({
    seed,
    description,
    checkers: [],
    site: {
      ha: { mode: 'armed' },
      devices: description.hosts.map(({ name }) => ({
        ...{ name: `bmc-${name}`, host: name, kind: 'bmc' as const, level: 1 },
        sharesPower: false,
      })),
    },
  })
  await sim.begin()
  await sim.advance(30_000)
  return sim
}

/** One host loses its power; what became of its VMs, by what is true and not by what is believed. */
async function lose(sim: Simulation, host: string, hang: boolean): Promise<{ loss: Loss; vmMs: number[] }> {
  const lost = [...sim.truth.host(host).domains.values()].filter(({ guest }) => guest).map(({ uuid }) => uuid)
  const at = sim.now()
  const seen = new Map<string, number>()
  const marks = new Map<string, number>()
  const afterEach = sim.clock.afterEach
  sim.clock.afterEach = () => {
    afterEach()
    for (const uuid of lost)
      if (!seen.has(uuid) && sim.truth.runningOn(uuid).some((name) => name !== host))
        seen.set(uuid, sim.now() - at)
  }
  sim.ledger.listeners.push(({ events }) => {
    for (const { body } of events)
      if (body.kind === 'incident.mark' && !marks.has(body.mark)) marks.set(body.mark, sim.now() - at)
  })
  if (hang) sim.machines.get(host)!.freeze()
  else sim.losePower(host)
  const all = await sim.until(() => seen.size === lost.length, 600_000)
  sim.clock.afterEach = afterEach
  if (!all) throw new Error(`${lost.length - seen.size} VMs of ${host} were not restarted within 10 minutes.`)
  await sim.advance(30_000)
  const vmMs = [...seen.values()]
  const mark = (name: string) => marks.get(name) ?? Number.NaN
  const loss: Loss = {
    suspectMs: mark('suspect'),
    saidMs: mark('said off'),
    decidedMs: mark('decided'),
    provenMs: mark('proven off'),
    firstMs: Math.min(...vmMs),
    allMs: Math.max(...vmMs),
    vms: lost.length,
  }
  return { loss, vmMs }
}
