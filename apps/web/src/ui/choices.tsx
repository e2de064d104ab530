import { cx } from './cx'

/** A few ways of which one is taken, side by side, each with what it means. */
export function Choices<V extends string>({
  label,
  options,
  chosen,
  onChoose,
  columns = 2,
}: {
  label: string
  options: Readonly<Record<V, { label: string; means: string }>>
  chosen: V
  onChoose: (value: V) => void
  columns?: 1 | 2 | 3
}) {
  const grid = { 1: '', 2: 'sm:grid-cols-2', 3: 'sm:grid-cols-3' }[columns]
  return (
    <div role="radiogroup" aria-label={label} className={cx('grid gap-2', grid)}>
      {(Object.keys(options) as V[]).map((each) => (
        <label
          key={each}
          className={cx(
            'flex gap-2 rounded-md border p-2',
            each === chosen ? 'border-accent bg-selected' : 'border-line hover:bg-hover',
          )}
        >
          <input
            type="radio"
            name={label}
            aria-label={options[each].label}
            checked={each === chosen}
            onChange={() => onChoose(each)}
            className="mt-1 shrink-0 self-start accent-(--accent)"
          />
          <span>
            <span className="font-medium first-letter:uppercase">{options[each].label}</span>
            <span className="block text-sm text-text-3">{options[each].means}</span>
          </span>
        </label>
      ))}
    </div>
  )
}
