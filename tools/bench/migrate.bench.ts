import { ensureSystemPackages, labImpossible } from '@drover/harness/system'
import { until, type WatchResult } from '@drover/lab'
import { createInstallation, createVm, type Installation, type LabVm, said } from '@drover/lab/drover'
import type { Patch } from '@drover/model'
import type { Bench } from '../bench'
import { Browser } from './browser'
import { quantile } from './statistics'
import { table } from './table'

interface Case {
  name: string
  memoryMiB: number
  /** MiB of memory that the guest writes all over, again and again, and how many MiB a second. */
  dirty: [mib: number, mibPerSecond: number] | null
}

const cases: Case[] = [
  { name: 'idle, 96 MiB', memoryMiB: 96, dirty: null },
  { name: '192 MiB, dirtying 64 MiB at 20 MiB/s', memoryMiB: 192, dirty: [64, 20] },
  { name: '192 MiB, dirtying 64 MiB at 100 MiB/s', memoryMiB: 192, dirty: [64, 100] },
]

type Side = 'virsh' | 'Drover'

interface Move {
  totalMs: number
  /** Longest time in which the guest did not answer, asked every 10 ms. */
  downtimeMs: number
  ticksLost: number
}

/** Time and downtime of the same live migrations by `virsh migrate` and through Drover, taking turns with the same guest. */
export const bench: Bench = {
  about: "live migration through Drover beside the hypervisor's own command line",
  options: { rounds: '7' },
  async run(options, print) {
    await ensureSystemPackages(print)
    const impossible = labImpossible()
    if (impossible) throw new Error(`This needs the lab, which cannot run here: ${impossible}.`)
    const rounds = Math.max(2, Number(options.rounds))
    const site = await createInstallation({ name: 'bench', hosts: 2, built: true })
    try {
      const browser = await Browser.open(site.operator.api, site.control.url)
      print(
        `Two hosts of the lab, shared storage; ${rounds} migrations by each, taking turns with the same guest.`,
      )
      print(
        'total: from the order to its end (Drover: the click to the patch that says "succeeded"; virsh: its run)',
      )
      print('downtime: longest silence of the guest, asked every 10 ms. median / p90, in milliseconds\n')
      const rows = [
        [
          '',
          'virsh total',
          'Drover total',
          'ratio',
          'virsh down',
          'Drover down',
          'ticks lost, virsh : Drover',
        ],
      ]
      for (const one of cases) {
        const moves = await measure(site, browser, one, rounds)
        rows.push(row(one, moves))
      }
      for (const line of table(rows)) print(line)
      print(
        '\nratio: median of Drover over median of virsh; the goal is at most 1.10, and no more ticks lost.',
      )
      browser.close()
    } finally {
      await site.destroy()
    }
  },
}

async function measure(
  site: Installation,
  browser: Browser,
  { name, memoryMiB, dirty }: Case,
  rounds: number,
): Promise<Record<Side, Move[]>> {
  const vm = await createVm(site.operator, {
    name: `guest-${memoryMiB}-${dirty?.[1] ?? 0}`,
    host: 'lab-1',
    memoryMiB,
  })
  const { guests } = site.lab
  await guests.waitFor(vm.address)
  if (dirty) await guests.command(vm.address, `dirty ${dirty[0]} ${dirty[1]}`)
  const moves: Record<Side, Move[]> = { virsh: [], Drover: [] }
  // One of each that is not counted: the first migration of a guest pays for what later ones find in caches.
  for (let round = -1; round < rounds; round++) {
    const sides: Side[] = round % 2 === 0 ? ['virsh', 'Drover'] : ['Drover', 'virsh']
    for (const side of sides) {
      const move = await migrate(site, browser, vm, side).catch((error: Error) => {
        throw new Error(`${name}, by ${side}: ${error.message}`)
      })
      if (round >= 0) moves[side].push(move)
    }
  }
  const { memoryErrors, diskErrors } = await guests.status(vm.address)
  if (memoryErrors + diskErrors > 0) throw new Error(`${name}: the guest found ${memoryErrors} wrong pages`)
  await site.operator.do('vm.stop', { vmId: vm.id })
  return moves
}

/** One migration to the other host, watched from outside. */
async function migrate(site: Installation, browser: Browser, vm: LabVm, side: Side): Promise<Move> {
  const { lab, operator } = site
  const [source, target] = [...lab.hosts].sort((a) => (lab.whereIs(vm.uuid)[0]?.hostName === a.name ? -1 : 1))
  const { memoryPasses, diskCounter } = await lab.guests.status(vm.address)
  await until('the guest has settled', 20_000, async () => {
    const status = await lab.guests.status(vm.address).catch(() => undefined)
    return status && status.diskCounter > diskCounter + 4 && status.memoryPasses >= memoryPasses
  })
  const targetId = (await operator.host(target!.name)).id
  const watch = await lab.guests.watch(vm.address)
  await pause(300)
  const began = performance.now()
  let ended: number
  if (side === 'virsh') {
    // What Drover's agent asks of libvirt, as virsh says it.
    const flags = ['--live', '--p2p', '--persistent', '--undefinesource', '--auto-converge', '--unsafe']
    await source!.virsh('migrate', ...flags, vm.name, target!.libvirtUri, `tcp://${target!.address}`)
    ended = performance.now()
  } else {
    const over = browser.patch('the end of the migration', 120_000, (patch) => endOf(patch, vm.id))
    const taskId = await operator.order('vm.migrate', { vmId: vm.id, targetId, method: 'live' })
    ended = await over
    const task = await operator.task(taskId)
    if (task.state !== 'succeeded') throw new Error(said(task))
  }
  await pause(500)
  const seen = await watch.stop()
  check(seen)
  const where = lab.whereIs(vm.uuid).map(({ hostName }) => hostName)
  if (where.join() !== target!.name)
    throw new Error(`the guest is on ${where.join(' and ')}, not on ${target!.name}`)
  await until('Drover shows it there', 10_000, async () => (await operator.vm(vm.name)).hostId === targetId)
  return { totalMs: ended - began, downtimeMs: seen.maxGapMs, ticksLost: seen.ticksLost }
}

const endOf = (patch: Patch, vmId: string): boolean =>
  patch.events.some(({ body, subjects }) => body.kind === 'task.ended' && subjects.includes(vmId))

function check({ tickWentBack, diskCounterWentBack, boots, answered }: WatchResult): void {
  if (tickWentBack + diskCounterWentBack > 0) throw new Error('a counter of the guest went back')
  if (boots.length !== 1 || answered === 0) throw new Error(`the guest booted: ${boots.join(', ')}`)
}

function row({ name }: Case, moves: Record<Side, Move[]>): string[] {
  const of = (side: Side, field: keyof Move): number[] => moves[side].map((move) => move[field])
  const pair = (values: number[]): string => `${ms(quantile(values, 0.5))} / ${ms(quantile(values, 0.9))}`
  const total = (side: Side): number => quantile(of(side, 'totalMs'), 0.5)
  const ticks = (side: Side): string => String(of(side, 'ticksLost').reduce((a, b) => a + b, 0))
  return [
    name,
    pair(of('virsh', 'totalMs')),
    pair(of('Drover', 'totalMs')),
    (total('Drover') / total('virsh')).toFixed(2),
    pair(of('virsh', 'downtimeMs')),
    pair(of('Drover', 'downtimeMs')),
    `${ticks('virsh')} : ${ticks('Drover')}`,
  ]
}

const ms = (value: number): string => String(Math.round(value))
const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs))
