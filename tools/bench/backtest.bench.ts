import { loadavg } from 'node:os'
import { backtestThreads } from '@drover/control-app/backtest'
import { type Backtest, type BacktestSide, type LoadPicture, usageFields, usageWidthMs } from '@drover/model'
import { deployMigrations } from '@drover/store/postgres'
import { prismaStore } from '@drover/store/prisma'
import { databaseUrl, MIGRATIONS_DIR, startTestServer } from '@drover/store/testing'
import type { Bench } from '../bench'
import { describeCluster, exampleRules, usageAt } from './history'
import { table } from './table'

const day = 86_400_000
const hour = 3_600_000
/** Objects that are written at once. */
const atOnce = 100

/** Recorded days in PostgreSQL, and what rules would have done over them, twice. */
export const bench: Bench = {
  about: 'backtest: recorded days of a cluster, read from PostgreSQL and judged, twice; progress and figures',
  options: { hosts: '100', vms: '2000', days: '30', seed: '1', runs: '2' },
  async run(options, print) {
    const [hosts, vms, days, seed, runs] = ['hosts', 'vms', 'days', 'seed', 'runs'].map((name) =>
      Number(options[name]),
    ) as [number, number, number, number, number]
    const server = await startTestServer()
    const url = databaseUrl(server.url, 'backtest')
    const log = { info: () => {}, warn: print, error: print }
    const threads = backtestThreads(url, log)
    try {
      await deployMigrations(url, MIGRATIONS_DIR)
      const toAt = Math.floor(Date.UTC(2026, 10, 22) / day) * day
      const fromAt = toAt - days * day
      const picture = describeCluster(hosts, vms, seed)
      const began = performance.now()
      await record(url, picture, fromAt, toAt, seed)
      print(`recorded  ${vms} VMs × ${days} days in ${seconds(began)} s; not part of what is measured`)
      const rules = exampleRules()
      const places = picture.vms.map(({ at }) => at)
      const found: Backtest[] = []
      for (let run = 1; run <= runs; run += 1) {
        const at = performance.now()
        const cpu = process.cpuUsage()
        let next = 0.1
        const { result } = threads.run({ picture, rules, fromAt, toAt, places }, (share) => {
          if (share < next) return
          print(`run ${run}     ${Math.floor(share * 100)} % after ${seconds(at)} s`)
          next = Math.floor(share * 10) / 10 + 0.1
        })
        found.push(await result)
        const { user, system } = process.cpuUsage(cpu)
        const used = ((user + system) / 1e6).toFixed(1)
        print(
          `run ${run}     done in ${seconds(at)} s; CPU time of all threads ${used} s, load of the machine ${loadavg()[0]!.toFixed(1)}`,
        )
      }
      const [first, ...others] = found.map((one) => JSON.stringify(one))
      if (others.some((other) => other !== first)) throw new Error('Two runs gave different figures.')
      print(runs > 1 ? `\nAll runs gave the same figures, byte by byte:` : '')
      for (const line of table(rowsOf(found[0]!))) print(line)
      for (const gap of found[0]!.gaps) print(gap)
    } finally {
      await threads.stop()
      await server.remove()
    }
  },
}

const seconds = (since: number): string => ((performance.now() - since) / 1_000).toFixed(1)

async function record(
  url: string,
  picture: LoadPicture,
  fromAt: number,
  toAt: number,
  seed: number,
): Promise<void> {
  const store = prismaStore({ url, log: { warn: () => {} } })
  const won = await store.lead('bench', 3_600_000)
  const writer = { term: won!.term, daemon: 'bench' }
  for (const [width, since] of [
    ['5m', fromAt - 2 * hour],
    ['1h', fromAt - 7 * day],
  ] as const) {
    const count = (toAt - since) / usageWidthMs[width]
    for (let from = 0; from < picture.vms.length; from += atOnce) {
      const vms = picture.vms.slice(from, from + atOnce)
      const fields = usageFields.filter((field) => !field.startsWith('watts') && !field.startsWith('saved'))
      const columns = Object.fromEntries(fields.map((field) => [field, new Float32Array(vms.length * count)]))
      for (const [i, { vcpus, memoryBytes }] of vms.entries())
        for (let window = 0; window < count; window += 1) {
          const at = since + window * usageWidthMs[width]
          const usage: Record<string, number> = usageAt(from + i, vcpus, memoryBytes, at, seed)
          for (const field of fields) columns[field]![i * count + window] = usage[field]!
        }
      await store.usage.record(
        [{ width, fromAt: since, count, ids: vms.map(({ id }) => id), columns }],
        writer,
      )
    }
  }
  await store.close()
}

function rowsOf({ nothing, present, proposed }: Backtest): string[][] {
  const row = (name: string, of: (side: BacktestSide) => number, digits = 0) => [
    name,
    ...[nothing, present, proposed].map((side) => of(side).toFixed(digits)),
  ]
  return [
    ['', 'nothing', 'present', 'proposed'],
    row('moves', ({ moves }) => moves),
    row('moved, TiB', ({ bytes }) => bytes / 2 ** 40, 2),
    row('put to sleep', ({ sleeps }) => sleeps),
    row('woken', ({ wakes }) => wakes),
    row('overload, host minutes', ({ overloadMinutes }) => overloadMinutes),
    row('starved, core minutes', ({ starvedCoreMinutes }) => starvedCoreMinutes, 1),
    row('energy, kWh', ({ energyWh }) => energyWh / 1_000, 1),
    row('rule violations, minutes', ({ ruleViolationMinutes }) => ruleViolationMinutes),
    row('spread of CPU', ({ meanSpreadCpu }) => meanSpreadCpu, 4),
    row('spread of memory', ({ meanSpreadMemory }) => meanSpreadMemory, 4),
  ]
}
