import { type ReactNode, useState } from 'react'
import { cx } from '../ui/cx'
import { Input } from '../ui/field'

/** Picks some of many things by name: the chosen ones first, a filter above, nothing jumps while one types. */
export function Picker({
  label,
  options,
  chosen,
  onChange,
  aside,
  hint,
}: {
  label: string
  options: readonly { id: string; name: string }[]
  chosen: readonly string[]
  onChange: (ids: string[]) => void
  /** Shown beside each chosen one. */
  aside?: (id: string) => ReactNode
  hint?: string
}) {
  const [filter, setFilter] = useState('')
  const [first] = useState(() => new Set(chosen))
  const on = new Set(chosen)
  const found = options.filter((option) => option.name.toLowerCase().includes(filter.trim().toLowerCase()))
  const sorted = [...found].sort((a, b) => Number(first.has(b.id)) - Number(first.has(a.id)))
  return (
    <fieldset className="grid min-w-0 content-start gap-1">
      <legend className="mb-1 font-medium text-text-2">
        {label} <span className="num font-normal text-text-3">{chosen.length} chosen</span>
      </legend>
      <Input
        aria-label={`Filter ${label}`}
        placeholder="Filter"
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
      />
      <ul className="h-40 overflow-y-auto rounded-md border border-line">
        {sorted.map((option) => (
          <li
            key={option.id}
            className={cx(
              'flex items-center gap-2 px-2',
              on.has(option.id) ? 'bg-selected' : 'hover:bg-hover',
            )}
          >
            <label className="flex h-7 min-w-0 flex-1 items-center gap-2">
              <input
                type="checkbox"
                checked={on.has(option.id)}
                onChange={(event) =>
                  onChange(
                    event.target.checked ? [...chosen, option.id] : chosen.filter((id) => id !== option.id),
                  )
                }
                className="accent-(--accent)"
              />
              <span className="truncate">{option.name}</span>
            </label>
            {on.has(option.id) && aside?.(option.id)}
          </li>
        ))}
        {sorted.length === 0 && (
          <li className="px-2 py-1 text-text-3">
            {options.length === 0 ? 'There is none.' : 'Nothing is called that.'}
          </li>
        )}
      </ul>
      {hint && <p className="text-sm text-text-3">{hint}</p>}
    </fieldset>
  )
}
