import type { RecordedSeries } from '@drover/api'
import { sayBytes, sayPercent, type UsageField, type UsageWidth } from '@drover/model'
import { type Command, Option } from 'commander'
import { runs } from '../context'
import { Inventory } from '../inventory'
import { duration, sayTime } from '../output/quantity'
import { pick } from '../resolve'

interface UsageOptions {
  last: number
  width?: UsageWidth
}

const fields: readonly UsageField[] = [
  'cpuMean',
  'cpuP95',
  'cpuMax',
  'memoryMean',
  'diskMean',
  'networkMean',
  'pressureMean',
  'wattsMean',
]
const widths: readonly UsageWidth[] = ['raw', '5m', '1h']

/** `drover usage vm|host NAME [--last 1d]` */
export function usageCommands(program: Command): void {
  const usage = program.command('usage').description('what VMs and hosts used, as it was recorded')
  for (const kind of ['vm', 'host'] as const)
    usage
      .command(kind)
      .description(`what a ${kind === 'vm' ? 'VM' : 'host'} used: CPU in cores`)
      .argument(`<${kind}>`, 'name or id')
      .option(
        '--last <time>',
        'so far back: up to 6h as measured, 30d by 5 minutes, 730d by hours',
        duration,
        3_600_000,
      )
      .addOption(new Option('--width <width>', 'how long a line is').choices([...widths]))
      .action(
        runs<[string], UsageOptions>(async ({ api, out }, { last, width }, given) => {
          const inventory = await Inventory.of(api)
          const { id } = kind === 'vm' ? pick(inventory.rows.vm, given, 'VM') : inventory.host(given)
          const toAt = Date.now()
          const query = { ids: [id], fromAt: toAt - last, toAt, fields: [...fields] }
          const [found] = await api.usage.series.query({ ...query, ...(width ? { width } : {}) })
          out.rows(
            linesOf(found!),
            [
              { title: 'from', of: ({ at }) => sayTime(at) },
              { title: 'cpu', of: ({ of }) => figure(of('cpuMean')), right: true },
              { title: '95 %', of: ({ of }) => figure(of('cpuP95')), right: true },
              { title: 'most', of: ({ of }) => figure(of('cpuMax')), right: true },
              { title: 'memory', of: ({ of }) => amount(of('memoryMean')), right: true },
              { title: 'disk/s', of: ({ of }) => amount(of('diskMean')), right: true },
              { title: 'network/s', of: ({ of }) => amount(of('networkMean')), right: true },
              { title: 'pressure', of: ({ of }) => percent(of('pressureMean')), right: true },
              ...(kind === 'host'
                ? [{ title: 'watts', of: ({ of }: Line) => figure(of('wattsMean'), 0), right: true }]
                : []),
            ],
            'Nothing was recorded then.',
          )
        }),
      )
}

interface Line {
  at: number
  of: (field: UsageField) => number | null
}

const widthMs: Record<UsageWidth, number> = { raw: 20_000, '5m': 300_000, '1h': 3_600_000 }

/** The windows of which anything is known, the oldest first. */
export function linesOf({ fromAt, width, length, columns }: RecordedSeries): Line[] {
  return Array.from({ length }, (_, i) => ({
    at: fromAt + i * widthMs[width],
    of: (field: UsageField) => columns[field]?.[i] ?? null,
  })).filter(({ of }) => fields.some((field) => of(field) !== null))
}

const figure = (value: number | null, digits = 2) => value?.toFixed(digits)
const amount = (value: number | null) => (value === null ? null : sayBytes(value))
const percent = (value: number | null) => (value === null ? null : sayPercent(value))
