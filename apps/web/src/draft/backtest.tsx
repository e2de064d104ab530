import {
  type Backtest,
  type BacktestSide,
  type ClusterId,
  sayBytes,
  sayCount,
  sayPercent,
} from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { useId, useState } from 'react'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { saySpread, sayWattHours } from '../decision/state'
import { sayDate } from '../format/time'
import { Bar } from '../ui/bar'
import { Trouble } from '../ui/blank'
import { Button } from '../ui/button'
import { now } from '../ui/clock'
import { cx } from '../ui/cx'
import { Select } from '../ui/field'
import { Mark } from '../ui/state'
import { asInput, type DraftRules } from './ask'

const day = 86_400_000

/** What a rule set would have done over the recorded days, beside the present set and beside nobody doing anything. */
export function BacktestPanel({ clusterId, rules }: { clusterId: ClusterId; rules: DraftRules | null }) {
  const id = useId()
  const [days, setDays] = useState('7')
  const [job, setJob] = useState<{ id: string; of: string } | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const query = useQuery({
    queryKey: ['backtest', job?.id],
    queryFn: () => api.backtest.show.query({ backtestId: job!.id }),
    enabled: job !== null,
    refetchInterval: ({ state }) => (state.data && state.data.state !== 'running' ? false : 500),
    retry: false,
  })
  const answer = query.data
  const running = job !== null && (!answer || answer.state === 'running') && !query.isError
  const stale = job !== null && job.of !== JSON.stringify(rules)

  async function begin() {
    if (!rules || busy) return
    setBusy(true)
    setTrouble(null)
    try {
      const toAt = now()
      const { id } = await api.cluster.backtest.mutate({
        clusterId,
        rules: asInput(rules),
        fromAt: toAt - Number(days) * day,
        toAt,
      })
      setJob({ id, of: JSON.stringify(rules) })
    } catch (error) {
      setTrouble(sayError(error))
    }
    setBusy(false)
  }

  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <span className="flex items-center gap-2">
          <label htmlFor={id}>Over the last</label>
          <Select
            id={id}
            className="h-7! w-24!"
            value={days}
            onChange={(event) => setDays(event.target.value)}
          >
            {['1', '7', '14', '30'].map((each) => (
              <option key={each} value={each}>
                {sayCount(Number(each), 'day')}
              </option>
            ))}
          </Select>
        </span>
        {running ? (
          <Button onClick={() => void api.backtest.cancel.mutate({ backtestId: job!.id })}>Cancel</Button>
        ) : (
          <Button
            icon={Play}
            busy={busy}
            reasons={rules ? [] : ['Mend the fields marked red first.']}
            onClick={() => void begin()}
          >
            {job ? 'Run again' : 'Run backtest'}
          </Button>
        )}
        {running && (
          <span className="flex min-w-32 flex-1 items-center gap-2">
            <Bar progress fraction={answer?.progress ?? 0} label="Backtest" className="flex-1" />
            <span className="num text-text-2">{sayPercent(answer?.progress ?? 0)}</span>
          </span>
        )}
      </div>
      {!job && !trouble && (
        <p className="text-text-3">
          The recorded load of those days is played again: with nobody moving anything, with the present
          rules, and with these. Nothing moves.
        </p>
      )}
      {trouble && (
        <p role="alert" className="flex items-baseline gap-2 text-error">
          <Mark tone="error" /> {trouble}
        </p>
      )}
      {query.isError && (
        <Trouble title="The backtest cannot be read" onRetry={() => void query.refetch()}>
          {sayError(query.error)}
        </Trouble>
      )}
      {answer?.state === 'failed' && (
        <p role="alert" className="flex items-baseline gap-2 text-error">
          <Mark tone="error" /> {answer.why}
        </p>
      )}
      {answer?.state === 'cancelled' && <p className="text-text-2">Cancelled.</p>}
      {answer?.result && (
        <>
          {stale && <p className="text-warning">The rules were changed since; run it again.</p>}
          <BacktestTable result={answer.result as Backtest} />
        </>
      )}
    </div>
  )
}

const hours = (minutes: number) =>
  minutes >= 600 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes)} min`

/** Less is better in all of them but the first, which say what it costs. */
const rows: {
  name: string
  of: (side: BacktestSide) => number
  say: (value: number) => string
  judged: boolean
}[] = [
  { name: 'Moves', of: (side) => side.moves, say: String, judged: false },
  { name: 'Carried', of: (side) => side.bytes, say: sayBytes, judged: false },
  { name: 'Put to sleep', of: (side) => side.sleeps, say: String, judged: false },
  { name: 'Woken', of: (side) => side.wakes, say: String, judged: false },
  { name: 'Host minutes over the limit', of: (side) => side.overloadMinutes, say: hours, judged: true },
  {
    name: 'Core minutes not got',
    of: (side) => side.starvedCoreMinutes,
    say: (value) => String(Math.round(value)),
    judged: true,
  },
  { name: 'Energy', of: (side) => side.energyWh, say: sayWattHours, judged: true },
  { name: 'Rules broken for', of: (side) => side.ruleViolationMinutes, say: hours, judged: true },
  { name: 'CPU apart, mean', of: (side) => side.meanSpreadCpu, say: saySpread, judged: true },
  { name: 'Memory apart, mean', of: (side) => side.meanSpreadMemory, say: saySpread, judged: true },
]

function BacktestTable({ result }: { result: Backtest }) {
  return (
    <div className="grid gap-2">
      <p className="text-sm text-text-3">
        {sayDate(result.fromAt)} to {sayDate(result.toAt)}: {sayCount(result.hosts, 'host')},{' '}
        {sayCount(result.vms, 'VM')}, {sayCount(result.days.length, 'day')}.
      </p>
      <table className="w-full" aria-label="Backtest">
        <thead>
          <tr className="h-7 border-b border-line text-sm text-text-3">
            <th className="text-left font-medium" aria-label="Figure" />
            <th className="pl-2 text-right font-medium">nothing</th>
            <th className="pl-2 text-right font-medium">present</th>
            <th className="pr-3.5 pl-2 text-right font-medium">proposed</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, of, say, judged }) => {
            const [nothing, present, proposed] = [result.nothing, result.present, result.proposed].map(
              of,
            ) as [number, number, number]
            const same = say(present) === say(proposed)
            return (
              <tr key={name} className="border-b border-line last:border-0">
                <td className="py-0.5">{name}</td>
                <td className="num text-right text-text-3">{say(nothing)}</td>
                <td className="num text-right text-text-2">{say(present)}</td>
                <td
                  className={cx(
                    'num text-right font-medium',
                    judged && !same && (proposed < present ? 'text-ok' : 'text-warning'),
                  )}
                >
                  {say(proposed)}
                  <span aria-hidden className="inline-block w-3.5">
                    {judged && !same && (proposed < present ? '▾' : '▴')}
                  </span>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {result.gaps.length > 0 && (
        <ul className="text-sm text-text-3">
          {result.gaps.map((gap) => (
            <li key={gap}>{gap}</li>
          ))}
        </ul>
      )}
    </div>
  )
}
