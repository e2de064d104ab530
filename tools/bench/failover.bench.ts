import { ensureSystemPackages, labImpossible } from '@drover/harness/system'
import {
  allRunOnce,
  bringBack,
  createHaSite,
  disksAtRest,
  faults,
  type HaSite,
  marksOf,
  statuses,
  storyTold,
} from '@drover/lab/drover'
import type { IncidentMark } from '@drover/model'
import type { Bench } from '../bench'
import { bench as simulated } from './failover-sim.bench'
import { quantile } from './statistics'
import { table } from './table'

const columns: { mark: IncidentMark; name: string }[] = [
  { mark: 'suspect', name: 'suspect' },
  { mark: 'decided', name: 'decided' },
  { mark: 'proven off', name: 'proven off' },
  { mark: 'first VM running', name: 'first VM runs' },
  { mark: 'all VMs running', name: 'all VMs run' },
]

/** Real power losses: how long until each thing that follows, by the story that Drover writes and by a watch beside it. */
export const bench: Bench = {
  about:
    'power losses of real hosts in the lab: seconds to suspect, decided, proven off, first and all VMs running',
  options: { rounds: '20', vms: '4' },
  async run(options, print) {
    await ensureSystemPackages(print)
    const impossible = labImpossible()
    if (impossible) throw new Error(`This needs the lab, which cannot run here: ${impossible}.`)
    const rounds = Math.max(1, Number(options.rounds))
    const count = Math.max(1, Number(options.vms))
    const site = await createHaSite({
      name: 'bench-failover',
      hosts: 3,
      built: true,
      vms: Array.from({ length: count }, () => 1),
      // The same host is lost again and again here; in earnest that would put it into quarantine.
      ha: { flap: { times: 100 } },
    })
    try {
      print(
        `Three hosts with a BMC, ${count} guests on the one that loses its power; ${rounds} power losses, default timings.`,
      )
      print('seconds from the moment of the loss\n')
      const seen: number[][] = []
      for (let round = 1; round <= rounds; round++) {
        const row = await loss(site)
        seen.push(row)
        print(`${String(round).padStart(3)}  ${row.map((ms) => seconds(ms).padStart(6)).join('  ')}`)
      }
      const head = ['', ...columns.map(({ name }) => name), 'first order after proof', 'guests answer']
      const line = (name: string, q: number) => [
        name,
        ...head.slice(1).map((_, i) =>
          seconds(
            quantile(
              seen.map((row) => row[i]!),
              q,
            ),
          ),
        ),
      ]
      print('')
      for (const text of table([head, line('p50', 0.5), line('p99', 0.99), line('longest', 1)])) print(text)
      const wrong = await disksAtRest(site)
      if (wrong.length > 0) throw new Error(`Something went wrong: ${wrong.join('; ')}`)
      print('\nEvery disk is whole (qemu-img check, and the ring of records that each guest writes).')
      print(
        'Goals: decided within 10 s, first order within 1 s of the proof, everything running within 20 s.',
      )
    } finally {
      await site.destroy()
    }
    print('\nThe same in the simulation, in virtual time:\n')
    await simulated.run(simulated.options, print)
  },
}

const seconds = (ms: number) => (Number.isNaN(ms) ? '–' : (ms / 1000).toFixed(2))

/** One power loss of the host that has most VMs: times in ms from the loss. */
async function loss(site: HaSite): Promise<number[]> {
  const homes = new Map<string, HaSite['vms']>()
  for (const vm of site.vms) {
    const home = await site.home(vm)
    homes.set(home, [...(homes.get(home) ?? []), vm])
  }
  const [name, vms] = [...homes].sort((a, b) => b[1].length - a[1].length)[0]!
  const before = await statuses(site, site.vms)
  const lostAt = Date.now()
  await site.lab.host(name).powerOff()
  await allRunOnce(site, vms, [name], 90_000)
  const answeredMs = Date.now() - lostAt
  const story = await storyTold(site, name, 30_000)
  const heardAt = story.marks.find(({ mark }) => mark === 'last heard')?.at ?? story.openedAt
  const marks = marksOf(story)
  const asked = story.vms.flatMap(({ askedAt }) => (askedAt === null ? [] : [askedAt]))
  const provenAt = story.marks.find(({ mark }) => mark === 'proven off')?.at ?? Number.NaN
  const wrong = await faults(site, before)
  if (wrong.length > 0) throw new Error(`Something went wrong: ${wrong.join('; ')}`)
  await bringBack(site, name)
  return [
    ...columns.map(({ mark }) => (marks[mark] ?? Number.NaN) + heardAt - lostAt),
    Math.min(...asked) - provenAt,
    answeredMs,
  ]
}
