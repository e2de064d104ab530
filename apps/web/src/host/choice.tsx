import { type HostId, type Ref, sayBytes, sayPercent } from '@drover/model'
import type { ReactNode } from 'react'
import { Bar } from '../ui/bar'
import { cx } from '../ui/cx'
import { Reasons } from '../ui/tooltip'

export interface HostOption {
  host: Ref<HostId>
  /** Load now, 0 to 1; null when its agent has not said. */
  cpu: number | null
  memoryBytes: number
  memoryFreeBytes: number
  /** Why it cannot be chosen; all of them. None: it can. */
  reasons: readonly string[]
  /** What choosing it means: `live, about 8 s`. */
  note: ReactNode
}

/** Every host with its load; those that cannot be chosen stay in the list with their reasons. */
export function HostChoice({
  label,
  options,
  chosen,
  onChoose,
}: {
  label: string
  options: readonly HostOption[]
  chosen: HostId | null
  onChoose: (id: HostId) => void
}) {
  return (
    <div role="radiogroup" aria-label={label} className="overflow-hidden rounded-md border border-line">
      {options.map((option) => {
        const blocked = option.reasons.length > 0
        const id = `why-${option.host.id}`
        return (
          <label
            key={option.host.id}
            className={cx(
              'grid grid-cols-[20px_minmax(110px,1.2fr)_minmax(90px,1fr)_minmax(170px,1.5fr)_minmax(110px,1fr)] items-center gap-x-3 border-b border-line px-3 py-1.5 last:border-0 max-md:grid-cols-[20px_1fr_1fr]',
              chosen === option.host.id ? 'bg-selected' : !blocked && 'hover:bg-hover',
            )}
          >
            <input
              type="radio"
              name={label}
              aria-label={option.host.name}
              checked={chosen === option.host.id}
              disabled={blocked}
              aria-describedby={blocked ? id : undefined}
              onChange={() => onChoose(option.host.id)}
              className="accent-(--accent)"
            />
            <span className={cx('truncate font-medium', blocked && 'text-text-3')}>{option.host.name}</span>
            <span className="flex items-center gap-2 max-md:hidden">
              {option.cpu === null ? (
                <span className="text-text-3">CPU not known</span>
              ) : (
                <>
                  <Bar fraction={option.cpu} label={`CPU of ${option.host.name}`} className="flex-1" />
                  <span className="num w-10 text-right">{sayPercent(option.cpu)}</span>
                </>
              )}
            </span>
            <span className="flex items-center gap-2 max-md:hidden">
              <Bar
                fraction={1 - option.memoryFreeBytes / Math.max(1, option.memoryBytes)}
                label={`Memory of ${option.host.name}`}
                className="flex-1"
              />
              <span className="num w-[92px] whitespace-nowrap text-right">
                {sayBytes(Math.max(0, option.memoryFreeBytes))} free
              </span>
            </span>
            <span className="text-right text-text-2">{option.note}</span>
            {blocked && (
              <span id={id} className="col-span-full col-start-2 text-sm text-text-3">
                <Reasons reasons={option.reasons} />
              </span>
            )}
          </label>
        )
      })}
    </div>
  )
}

/** Over the columns of `HostChoice`. */
export function HostChoiceHead({ last }: { last: string }) {
  return (
    <div
      aria-hidden
      className="grid grid-cols-[20px_minmax(110px,1.2fr)_minmax(90px,1fr)_minmax(170px,1.5fr)_minmax(110px,1fr)] gap-x-3 px-3 pb-1 text-sm text-text-3 max-md:hidden"
    >
      <span />
      <span>Host</span>
      <span>CPU</span>
      <span>Memory</span>
      <span className="text-right">{last}</span>
    </div>
  )
}
