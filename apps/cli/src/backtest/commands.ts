import { setTimeout as sleep } from 'node:timers/promises'
import { type Backtest, type BacktestSide, sayBytes, sayCount } from '@drover/model'
import type { Command } from 'commander'
import { readRules } from '../cluster/rules'
import { runs } from '../context'
import { CliError, exitCodes } from '../exit'
import { Inventory } from '../inventory'
import { integer, sayTime } from '../output/quantity'
import { table } from '../output/table'

interface BacktestOptions {
  rules?: string
  days: number
  output: 'table' | 'json'
}

const askAgainMs = 500

/** `drover backtest CLUSTER --rules FILE.json --days 7` */
export function backtestCommands(program: Command): void {
  program
    .command('backtest')
    .description(
      'what rules would have done over the recorded days, beside the present ones; changes nothing',
    )
    .argument('<cluster>', 'name or id of the cluster')
    .option('--rules <file>', 'JSON as `drover cluster rules` prints it; what is left out is as now')
    .option('--days <n>', 'so many days back, 30 at most', integer, 7)
    .action(
      runs<[string], BacktestOptions>(async ({ api, out }, { rules: file, days, output }, given) => {
        const { id: clusterId, name } = (await Inventory.of(api)).cluster(given)
        const rules = file ? await readRules(file) : {}
        const toAt = Date.now()
        const fromAt = toAt - days * 86_400_000 + 60_000
        const { id } = await api.cluster.backtest.mutate({ clusterId, rules, fromAt, toAt })
        const cancel = () =>
          void api.backtest.cancel.mutate({ backtestId: id }).finally(() => process.exit(130))
        process.once('SIGINT', cancel)
        const says = output === 'table' && process.stderr.isTTY
        for (;;) {
          const job = await api.backtest.show.query({ backtestId: id })
          if (says) process.stderr.write(`\r${name}: ${Math.floor(job.progress * 100)} % `)
          if (job.state === 'running') {
            await sleep(askAgainMs)
            continue
          }
          if (says) process.stderr.write('\r\x1b[K')
          process.off('SIGINT', cancel)
          if (!job.result) throw new CliError(exitCodes.failed, job.why ?? 'The backtest was cancelled.')
          return out.say(sayBacktest(job.result), job.result)
        }
      }),
    )
}

const rows: readonly [name: string, of: (side: BacktestSide) => string][] = [
  ['moves', ({ moves }) => String(moves)],
  ['carried', ({ bytes }) => sayBytes(bytes)],
  ['put to sleep', ({ sleeps }) => String(sleeps)],
  ['woken', ({ wakes }) => String(wakes)],
  ['host minutes over the limit', ({ overloadMinutes }) => String(overloadMinutes)],
  ['core minutes not got', ({ starvedCoreMinutes }) => starvedCoreMinutes.toFixed(1)],
  ['energy, kWh', ({ energyWh }) => (energyWh / 1_000).toFixed(1)],
  ['minutes of broken rules', ({ ruleViolationMinutes }) => String(ruleViolationMinutes)],
  ['CPU apart, mean', ({ meanSpreadCpu }) => `${(100 * meanSpreadCpu).toFixed(1)} %`],
  ['memory apart, mean', ({ meanSpreadMemory }) => `${(100 * meanSpreadMemory).toFixed(1)} %`],
]

/** Three sides beside one another, and what the recording lacks. */
export function sayBacktest(result: Backtest): string {
  const { fromAt, toAt, hosts, vms, nothing, present, proposed, gaps } = result
  const of = `${sayCount(hosts, 'host')}, ${sayCount(vms, 'VM')}, ${sayTime(fromAt)} to ${sayTime(toAt)}`
  const lines = table(rows, [
    { title: '', of: ([name]) => name },
    { title: 'nothing', of: ([, say]) => say(nothing), right: true },
    { title: 'present', of: ([, say]) => say(present), right: true },
    { title: 'proposed', of: ([, say]) => say(proposed), right: true },
  ])
  return [of, lines, ...gaps].join('\n')
}
