import { type EnergyLedger, sayPercent } from '@drover/model'
import { sayWattHours, sayWatts } from '../../decision/state'
import { sayDate } from '../../format/time'
import { Skeleton } from '../../ui/blank'
import { Panel } from '../../ui/facts'
import type { PowerAnswer } from './ask'

const by: Record<EnergyLedger['by'], string> = {
  measured: 'measured by the boards',
  model: 'worked out from what hosts draw',
  both: 'partly measured by the boards, partly worked out',
}
const barsHeight = 120

/** What sleep has saved: the sum, and day by day what was drawn and what was not. */
export function LedgerPanel({ answer, loading }: { answer: PowerAnswer | undefined; loading: boolean }) {
  return (
    <Panel title="Energy" aside={answer ? by[answer.ledger.by] : undefined}>
      {answer ? (
        <Shown answer={answer} />
      ) : loading ? (
        <Skeleton rows={5} />
      ) : (
        <p className="px-3 py-2 text-text-3">Not known now.</p>
      )}
    </Panel>
  )
}

function Shown({ answer: { ledger, watts, savedWatts } }: { answer: PowerAnswer }) {
  const { usedWh, savedWh, days } = ledger
  const without = usedWh + savedWh
  const hours = days.reduce((sum, day) => sum + day.asleepHostHours, 0)
  return (
    <div className="grid gap-3 p-3">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <span className="num text-xl! font-semibold">{sayWattHours(savedWh)}</span>
        <span className="text-text-2">
          saved since {days[0]?.day ?? sayDate(ledger.fromAt)}
          {savedWh > 0 && `, ${sayPercent(savedWh / without)} of what all awake would have drawn`}
        </span>
      </div>
      <p className="num text-text-3">
        {sayWattHours(usedWh)} drawn, {Math.round(hours)} host hours asleep
      </p>
      <p className="num text-text-2">
        now {sayWatts(watts)} drawn, {sayWatts(savedWatts)} saved
      </p>
      {days.length > 0 && <Days days={days} />}
    </div>
  )
}

/** A bar a day: what was drawn, and on top what was saved. */
function Days({ days }: { days: EnergyLedger['days'] }) {
  const shown = days.slice(-31)
  const top = Math.max(1, ...shown.map((day) => day.usedWh + day.savedWh))
  const tall = (wattHours: number) => `${(wattHours / top) * barsHeight}px`
  return (
    <figure className="grid gap-1">
      <figcaption className="flex gap-4 text-sm text-text-3">
        <span className="inline-flex items-center gap-1.5">
          <span aria-hidden className="size-2.5 rounded-[2px] bg-accent" /> drawn
        </span>
        <span className="inline-flex items-center gap-1.5">
          <span
            aria-hidden
            className="size-2.5 rounded-[2px] border border-dashed border-standby bg-standby/30"
          />{' '}
          saved
        </span>
        <span className="flex-1" />
        <span className="num">{sayWattHours(top)} a day at most</span>
      </figcaption>
      <ol className="flex items-end gap-0.5 border-b border-line-strong" style={{ height: barsHeight }}>
        {shown.map((day) => {
          const says = `${day.day}: ${sayWattHours(day.usedWh)} drawn, ${sayWattHours(day.savedWh)} saved, ${day.asleepHostHours.toFixed(1)} host hours asleep`
          return (
            <li key={day.day} title={says} className="flex min-w-1 max-w-10 flex-1 flex-col justify-end">
              <span className="sr-only">{says}</span>
              <span
                aria-hidden
                className="border border-b-0 border-dashed border-standby bg-standby/30"
                style={{ height: tall(day.savedWh) }}
              />
              <span aria-hidden className="bg-accent" style={{ height: tall(day.usedWh) }} />
            </li>
          )
        })}
      </ol>
      <div className="num flex justify-between text-xs! text-text-3" aria-hidden>
        <span>{shown[0]!.day.slice(5)}</span>
        {shown.length > 1 && <span>{shown.at(-1)!.day.slice(5)}</span>}
      </div>
    </figure>
  )
}
