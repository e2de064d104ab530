import {
  type Event,
  type Host,
  type HostId,
  sayBytes,
  sayCount,
  sayPercent,
  sayRate,
  type UsageField,
  type Vm,
  type VmId,
} from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { ChartLine, ZoomOut } from 'lucide-react'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { sayWatts } from '../decision/state'
import { Sentence } from '../event/sentence'
import { sayCores } from '../format/quantity'
import { setParams, useParam } from '../nav/address'
import { useRow } from '../replica/hooks'
import { Blank, Skeleton, Trouble } from '../ui/blank'
import { Button } from '../ui/button'
import { useTimed } from '../ui/clock'
import { cx } from '../ui/cx'
import { Panel } from '../ui/facts'
import { At } from '../ui/time'
import { askSeries } from './ask'
import { Chart, type ChartSeries } from './chart'
import { type Aligned, type RangeName, ranges, widthFor } from './range'

const fields: UsageField[] = [
  'cpuMean',
  'cpuP95',
  'cpuMax',
  'memoryMean',
  'memoryMax',
  'diskMean',
  'networkMean',
  'pressureMean',
  'wattsMean',
]
/** Ranges that end now move on in steps, so that a page that stays open is not asked for all the time. */
const stepMs = 20_000

/** What a VM or a host used over time: charts with one cursor, drawn over to look closer, moves as marks. */
export function MonitorPage({ id }: { id: HostId | VmId }) {
  const vm: Vm | undefined = useRow('vm', id)
  const host: Host | undefined = useRow('host', id)
  const [rangeText] = useParam('range')
  const [fromText] = useParam('from')
  const [toText] = useParam('to')
  const range: RangeName = rangeText in ranges ? (rangeText as RangeName) : 'hour'
  const fixed = /^\d+$/.test(fromText) && /^\d+$/.test(toText) && Number(fromText) < Number(toText)
  const now = useTimed((at) => Math.floor(at / stepMs) * stepMs)
  const to = fixed ? Number(toText) : now
  const from = fixed ? Number(fromText) : to - ranges[range].ms
  const width = widthFor(from, to, now)
  const query = useQuery({
    queryKey: ['usage', id, width, from, to],
    queryFn: () => askSeries({ ids: [id], width, fromAt: from, toAt: to, fields }),
    placeholderData: (before) => before,
    staleTime: stepMs,
    gcTime: 60_000,
  })
  const moves = useQuery({
    queryKey: ['moves', id, from, to],
    queryFn: () =>
      api.event.list.query({ subjects: [id], kinds: ['vm.moved'], fromAt: from, toAt: to, limit: 200 }),
    placeholderData: (before) => before,
  })
  if (!vm && !host) return null
  const name = (vm ?? host)!.name
  const found = query.data?.get(id)
  const events = (moves.data?.events ?? []) as Event[]
  const empty =
    found && !Object.values(found.columns).some((values) => values.some((value) => value !== null))
  return (
    <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4">
      <div className="flex flex-wrap items-center gap-2" role="toolbar" aria-label="Range">
        {(Object.keys(ranges) as RangeName[]).map((each) => (
          <Button
            key={each}
            look="ghost"
            aria-pressed={!fixed && range === each}
            className={cx(!fixed && range === each && 'bg-selected! text-text!')}
            onClick={() => setParams({ range: each === 'hour' ? null : each, from: null, to: null })}
          >
            {ranges[each].word}
          </Button>
        ))}
        {fixed && (
          <>
            <span className="text-text-2">
              <At at={from} className="num" /> to <At at={to} className="num" />
            </span>
            <Button icon={ZoomOut} onClick={() => setParams({ from: null, to: null })}>
              Zoom out
            </Button>
          </>
        )}
        <span className="flex-1" />
        <span className="text-sm text-text-3">
          {width === 'raw' ? 'every 20 s' : width === '5m' ? 'windows of 5 min' : 'windows of 1 h'}; draw over
          a chart to look closer
        </span>
      </div>
      {query.isError ? (
        <Trouble title="The recorded usage cannot be read" onRetry={() => void query.refetch()}>
          {sayError(query.error)} What is used now is on the summary.
        </Trouble>
      ) : !found ? (
        query.isPending ? (
          <Skeleton rows={10} />
        ) : (
          <Nothing name={name} />
        )
      ) : empty ? (
        <Nothing name={name} />
      ) : (
        <div className="grid gap-4 xl:grid-cols-2">
          {chartsOf(found, vm, host).map(({ title, series, say, exactly, top, aside, binary }) => (
            <Panel key={title} title={title} aside={aside}>
              <div className="px-2 pt-2">
                <Chart
                  label={`${title} of ${name}`}
                  times={found.times}
                  series={series}
                  say={say}
                  exactly={exactly}
                  top={top}
                  binary={binary}
                  from={from}
                  to={to}
                  marks={events.map((event) => ({ at: event.at, text: '' }))}
                  onRange={(fromAt, toAt) => setParams({ from: String(fromAt), to: String(toAt) })}
                />
              </div>
            </Panel>
          ))}
        </div>
      )}
      <Panel title="Moves in this range" aside={sayCount(events.length, 'move')}>
        {events.length === 0 ? (
          <p className="px-3 py-2 text-text-3">None.</p>
        ) : (
          <ol className="max-h-64 overflow-y-auto">
            {events.map((event) => (
              <li key={event.seq} className="flex gap-3 border-b border-line px-3 py-1 last:border-0">
                <At at={event.at} className="num w-24 shrink-0 text-text-3" />
                <span className="min-w-0">
                  <Sentence event={event} />
                </span>
              </li>
            ))}
          </ol>
        )}
      </Panel>
    </div>
  )
}

function Nothing({ name }: { name: string }) {
  return (
    <Blank icon={ChartLine} title="Nothing is recorded for this time">
      What {name} uses is recorded from its first report on: every 20 s for some hours, in windows of 5 min
      for 30 days, hour by hour for 2 years. Choose another range.
    </Blank>
  )
}

interface ChartOf {
  title: string
  aside?: string
  series: ChartSeries[]
  say: (value: number) => string
  /** What is under the cursor, where there is room for more than at the axis. */
  exactly?: (value: number) => string
  top?: number
  binary?: boolean
}

function chartsOf(found: Aligned, vm: Vm | undefined, host: Host | undefined): ChartOf[] {
  const column = (field: UsageField) => found.columns[field] ?? found.times.map(() => null)
  const said = (field: UsageField) => column(field).some((value) => value !== null)
  const line = (
    label: string,
    field: UsageField,
    colour: string,
    more: Partial<ChartSeries> = {},
  ): ChartSeries => ({
    label,
    values: column(field),
    colour,
    ...more,
  })
  const cores = vm?.vcpus ?? host?.facts?.cpu.cores
  const charts: ChartOf[] = [
    {
      title: 'CPU',
      aside: cores ? `of ${sayCount(cores, vm ? 'vCPU' : 'core')}` : undefined,
      series: [
        line('mean', 'cpuMean', '--accent', { fill: true }),
        ...(said('cpuP95') ? [line('95th percentile', 'cpuP95', '--standby')] : []),
        ...(said('cpuMax') ? [line('highest', 'cpuMax', '--warning', { dashed: true })] : []),
      ],
      say: sayCores,
      exactly: (value) => (cores ? `${sayCores(value)}, ${sayPercent(value / cores)}` : sayCores(value)),
      top: cores,
    },
    {
      title: 'Memory',
      aside: `of ${sayBytes(vm?.memoryBytes ?? host?.facts?.memoryBytes ?? 0)}`,
      series: [
        line('mean', 'memoryMean', '--accent', { fill: true }),
        ...(said('memoryMax') ? [line('highest', 'memoryMax', '--warning', { dashed: true })] : []),
      ],
      say: sayBytes,
      binary: true,
      top: vm?.memoryBytes ?? host?.facts?.memoryBytes,
    },
    {
      title: 'Disks',
      series: [line('read and written', 'diskMean', '--accent', { fill: true })],
      say: sayRate,
    },
    {
      title: 'Network',
      series: [line('in and out', 'networkMean', '--accent', { fill: true })],
      say: sayRate,
    },
    {
      title: 'Pressure',
      aside: 'what it wanted and did not get',
      series: [line('mean', 'pressureMean', '--warning', { fill: true })],
      say: sayPercent,
      top: 0.1,
    },
    { title: 'Power', series: [line('drawn', 'wattsMean', '--standby', { fill: true })], say: sayWatts },
  ]
  const optional: Record<string, UsageField> = { Pressure: 'pressureMean', Power: 'wattsMean' }
  return charts.filter(({ title }) => !optional[title] || said(optional[title]))
}
