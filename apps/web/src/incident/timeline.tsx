import { type Incident, sayDuration } from '@drover/model'
import { useTimed } from '../ui/clock'
import { cx } from '../ui/cx'
import { Mark, type Tone } from '../ui/state'
import { beganAt, stagesOf } from './stages'
import { incidentVmStates } from './state'

interface Row {
  id: string
  name: string
  aside: string | null
  startAt: number
  endAt: number | null
  tone: Tone
  text: string
  objectiveAt: number | null
  /** It never got to its end: there is nothing to measure. */
  failed: boolean
}

const fills: Record<Tone, string> = {
  ok: 'bg-ok',
  off: 'bg-off',
  working: 'bg-working',
  warning: 'bg-warning',
  error: 'bg-error',
  maintenance: 'bg-maintenance',
  standby: 'bg-standby',
}
const grid =
  'grid grid-cols-[minmax(150px,220px)_1fr_88px] items-center gap-x-3 px-3 max-md:grid-cols-[minmax(144px,1fr)_1fr_80px] max-md:gap-x-2'

function rowsOf(incident: Incident): Row[] {
  const stages = stagesOf(incident).map((stage) => ({ ...stage, aside: null, failed: false }))
  const vms = incident.vms
    .filter((vm) => vm.askedAt !== null)
    .sort((a, b) => a.askedAt! - b.askedAt! || a.tier - b.tier)
    .map((each) => ({
      id: each.vm.id,
      name: each.vm.name,
      aside: `tier ${each.tier}`,
      startAt: each.askedAt!,
      endAt: each.runningAt ?? (each.state === 'starting' ? null : each.askedAt),
      tone: incidentVmStates[each.state].tone,
      text: each.host ? `on ${each.host.name}` : (each.why ?? ''),
      objectiveAt: null,
      failed: each.runningAt === null && each.state !== 'starting',
    }))
  return [...stages, ...vms]
}

/** One bar a stage and one a VM, to one scale from the last sign of life; a line where the objective stands. */
export function IncidentTimeline({ incident }: { incident: Incident }) {
  const rows = rowsOf(incident)
  const began = beganAt(incident)
  const last = Math.max(began + 1_000, ...rows.map((row) => row.endAt ?? row.startAt))
  const going = incident.state === 'open' && rows.some((row) => row.endAt === null)
  const end = useTimed((now) => (going ? Math.max(last, now) : last))
  const span = end - began
  const at = (time: number) => `${Math.min(100, Math.max(0, ((time - began) / span) * 100))}%`
  const ticks = ticksOf(span)
  return (
    <div className="py-1">
      <div className={cx(grid, 'h-6 text-xs text-text-3')} aria-hidden>
        <span>from the last sign of life</span>
        <span className="relative h-4">
          {ticks.map((ms) => (
            <span
              key={ms}
              className="num absolute -translate-x-1/2 whitespace-nowrap text-xs! first:translate-x-0 max-md:not-[:nth-child(3n+1)]:hidden"
              style={{ left: `${(ms / span) * 100}%` }}
            >
              {sayTick(ms, ticks)}
            </span>
          ))}
        </span>
        <span className="text-right">took</span>
      </div>
      <ol>
        {rows.map((row) => (
          <li key={row.id} className={cx(grid, 'min-h-7 border-t border-line')}>
            <span className="flex min-w-0 items-center gap-1.5">
              <Mark tone={row.tone} size={8} />
              <span className="truncate max-md:whitespace-normal" title={row.text || undefined}>
                {row.name}
              </span>
              {row.aside && <span className="whitespace-nowrap text-sm text-text-3">{row.aside}</span>}
            </span>
            <span className="relative h-4" title={row.text || undefined}>
              {ticks.map((ms) => (
                <span
                  key={ms}
                  className="absolute inset-y-[-6px] w-px bg-line"
                  style={{ left: `${(ms / span) * 100}%` }}
                />
              ))}
              <span
                className={cx(
                  'absolute inset-y-1 min-w-[3px] rounded-sm',
                  fills[row.tone],
                  row.endAt === null && 'animate-pulse',
                )}
                style={{
                  left: at(row.startAt),
                  width: `${Math.max(0, (((row.endAt ?? end) - row.startAt) / span) * 100)}%`,
                }}
              />
              {row.objectiveAt !== null && row.objectiveAt <= end && (
                <span
                  className="absolute inset-y-[-4px] w-0 border-l border-dashed border-text-2"
                  style={{ left: at(row.objectiveAt) }}
                  title={`Objective: by ${sayDuration(row.objectiveAt - began)}`}
                />
              )}
            </span>
            <span className="num whitespace-nowrap text-right text-text-2">
              {row.failed ? '–' : sayDuration((row.endAt ?? end) - row.startAt)}
            </span>
          </li>
        ))}
      </ol>
    </div>
  )
}

/** A distance in the unit of the steps, `80 s` and not `1 min 20 s`: one fits beside the next. */
function sayTick(ms: number, [, step = 0]: readonly number[]): string {
  const [unit, word] =
    step < 60_000
      ? [1_000, 's']
      : step < 3_600_000
        ? [60_000, 'min']
        : step < 86_400_000
          ? [3_600_000, 'h']
          : [86_400_000, 'd']
  return ms === 0 ? '0' : `${ms / unit} ${word}`
}

/** Round distances, at most about six, from 0 to `span` ms. */
function ticksOf(span: number): number[] {
  const rounds = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400]
  const step = (rounds.find((seconds) => span / (seconds * 1_000) <= 6) ?? 604_800) * 1_000
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, i) => i * step)
}
