import type { TimeWindow } from '@drover/model'
import { Plus, X } from 'lucide-react'
import { Button } from '../../ui/button'
import { cx } from '../../ui/cx'
import { Input } from '../../ui/field'

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
/** As weeks are read here: Monday first. */
const order = [1, 2, 3, 4, 5, 6, 0]

/** What is wrong with windows, or null. */
export function windowsProblem(windows: readonly TimeWindow[]): string | null {
  for (const { days: on, from, to, timeZone } of windows) {
    if (on.length === 0) return 'Choose at least one day for each window.'
    if (!/^\d\d:\d\d$/.test(from) || !/^\d\d:\d\d$/.test(to)) return 'Give each window both its times.'
    if (!isTimeZone(timeZone)) return `“${timeZone}” is no time zone, such as Europe/Berlin.`
  }
  return null
}

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}

/** When a rule counts: days, from, to, time zone; none: always. */
export function WindowsField({
  label,
  hint,
  windows,
  onChange,
}: {
  label: string
  hint: string
  windows: readonly TimeWindow[]
  onChange: (windows: TimeWindow[]) => void
}) {
  const set = (index: number, part: Partial<TimeWindow>) =>
    onChange(windows.map((window, i) => (i === index ? { ...window, ...part } : window)))
  const problem = windowsProblem(windows)
  return (
    <fieldset className="grid content-start gap-1.5">
      <legend className="mb-1 font-medium text-text-2">{label}</legend>
      {windows.map((window, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: windows keep their places while one edits them
        <div key={i} className="flex flex-wrap items-center gap-1.5">
          <span className="flex">
            {order.map((day) => {
              const on = window.days.includes(day)
              return (
                <button
                  key={day}
                  type="button"
                  aria-pressed={on}
                  onClick={() =>
                    set(i, {
                      days: on ? window.days.filter((each) => each !== day) : [...window.days, day].sort(),
                    })
                  }
                  className={cx(
                    'h-7 border border-l-0 border-line-strong px-1.5 text-sm first:rounded-l-md first:border-l last:rounded-r-md',
                    on ? 'bg-selected font-medium text-text' : 'bg-surface text-text-3 hover:bg-hover',
                  )}
                >
                  {days[day]}
                </button>
              )
            })}
          </span>
          <Input
            type="time"
            aria-label={`From, window ${i + 1}`}
            className="h-7! w-24!"
            value={window.from}
            onChange={(event) => set(i, { from: event.target.value })}
          />
          <span className="text-text-3">to</span>
          <Input
            type="time"
            aria-label={`To, window ${i + 1}`}
            className="h-7! w-24!"
            value={window.to}
            onChange={(event) => set(i, { to: event.target.value })}
          />
          <Input
            aria-label={`Time zone, window ${i + 1}`}
            className="h-7! w-36!"
            value={window.timeZone}
            onChange={(event) => set(i, { timeZone: event.target.value })}
          />
          <Button
            look="ghost"
            icon={X}
            aria-label={`Remove window ${i + 1}`}
            onClick={() => onChange(windows.filter((_, at) => at !== i))}
          />
        </div>
      ))}
      <div className="flex flex-wrap items-center gap-2">
        <Button
          icon={Plus}
          onClick={() =>
            onChange([
              ...windows,
              {
                days: [1, 2, 3, 4, 5],
                from: '20:00',
                to: '06:00',
                timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
              },
            ])
          }
        >
          Add window
        </Button>
        <span
          className={cx('min-w-0 flex-1 text-sm', problem ? 'text-error' : 'text-text-3')}
          role={problem ? 'alert' : undefined}
        >
          {problem ?? hint}
        </span>
      </div>
    </fieldset>
  )
}
