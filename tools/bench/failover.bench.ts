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

/** What is read from the story that Drover writes, as it writes it. */
const columns: { mark: IncidentMark; name: string }[] = [
  { mark: 'suspect', name: 'suspect' },
  { mark: 'said off', name: 'device says off' },
  { mark: 'decided', name: 'decided' },
  { mark: 'proven off', name: 'proven off' },
  { mark: 'first VM running', name: 'first VM runs' },
  { mark: 'all VMs running', name: 'all VMs run' },
]
/** Spans between those, and what a watch beside it says. */
const spans = ['word to proof', 'proof to first order', 'word to first order', 'guests answer']

const meaning = [
  '"device says off": its board, asked since it is suspect, has answered. That is evidence, not proof: a board may be wrong.',
  '"proven off": nothing speaks for life any more (what others read on storage stands still, and nobody reaches it), so the',
  'word of the board is accepted and written down. No VM is started before. "first order": the first order to start one is written down.',
]

/** Real power losses: how long until each thing that follows, by the story that Drover writes and by a watch beside it. */
export const bench: Bench = {
  about:
    'power losses of real hosts in the lab: seconds to suspect, the word of its board, decided, proven off, first and all VMs running',
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
      for (const line of meaning) print(line)
      print('\nseconds from the moment of the loss; then the spans\n')
      const names = [...columns.map(({ name }) => name), ...spans]
      const widths = names.map((name) => Math.max(6, name.length))
      print(`     ${names.join('  ')}`)
      const seen: number[][] = []
      for (let round = 1; round <= rounds; round++) {
        const row = await loss(site)
        seen.push(row)
        const cells = row.map((ms, i) => seconds(ms).padStart(widths[i]!))
        print(`${String(round).padStart(3)}  ${cells.join('  ')}`)
      }
      const head = ['', ...names]
      const line = (name: string, q: number) => [
        name,
        ...names.map((_, i) =>
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
  const at = (mark: IncidentMark) => story.marks.find((one) => one.mark === mark)?.at ?? Number.NaN
  const first = Math.min(...asked)
  const wrong = await faults(site, before)
  if (wrong.length > 0) throw new Error(`Something went wrong: ${wrong.join('; ')}`)
  await bringBack(site, name)
  return [
    ...columns.map(({ mark }) => (marks[mark] ?? Number.NaN) + heardAt - lostAt),
    at('proven off') - at('said off'),
    first - at('proven off'),
    first - at('said off'),
    answeredMs,
  ]
}
