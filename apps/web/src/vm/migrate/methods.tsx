import { type MigrationMethod, type Refusal, sayDuration, sayRefusal, type TargetOption } from '@drover/model'
import { cx } from '../../ui/cx'
import { Reasons } from '../../ui/tooltip'

const words: Record<MigrationMethod, { name: string; about: string }> = {
  live: { name: 'Live', about: 'The guest runs on; it stands still for a fraction of a second.' },
  'live-with-disks': {
    name: 'Live, with its disks',
    about: 'The guest runs on while memory and disks are copied.',
  },
  cold: { name: 'Cold', about: 'Shut down, move, start there.' },
}

/** Beside the way itself, a reason need not say again that it is about the way. */
function sayAgainst(refusal: Refusal): string {
  if (refusal.code !== 'invalid' || refusal.field !== 'method') return sayRefusal(refusal)
  return `${refusal.problem.charAt(0).toUpperCase()}${refusal.problem.slice(1)}. ${refusal.remedy}`
}

/** The ways of getting to a host; those that are not possible say why. */
export function Methods({
  methods,
  chosen,
  onChoose,
}: {
  methods: TargetOption['methods']
  chosen: MigrationMethod | null
  onChoose: (method: MigrationMethod) => void
}) {
  return (
    <div role="radiogroup" aria-label="Way" className="grid gap-2 sm:grid-cols-3">
      {methods.map(({ method, verdict, expectedMs }) => {
        const reasons = verdict.ok ? [] : verdict.refusals.map(sayAgainst)
        return (
          <label
            key={method}
            className={cx(
              'flex gap-2 rounded-md border p-2',
              chosen === method ? 'border-accent bg-selected' : 'border-line',
              verdict.ok && chosen !== method && 'hover:bg-hover',
            )}
          >
            <input
              type="radio"
              name="Way"
              aria-label={words[method].name}
              checked={chosen === method}
              disabled={!verdict.ok}
              onChange={() => onChoose(method)}
              className="mt-1 shrink-0 self-start accent-(--accent)"
            />
            <span className="min-w-0 flex-1">
              <span className={cx('flex justify-between gap-2 font-medium', !verdict.ok && 'text-text-3')}>
                {words[method].name}
                {verdict.ok && expectedMs !== null && (
                  <span className="num font-normal text-text-2">~{sayDuration(expectedMs)}</span>
                )}
              </span>
              <span className="text-sm text-text-3">
                {verdict.ok ? words[method].about : <Reasons reasons={reasons} />}
              </span>
            </span>
          </label>
        )
      })}
    </div>
  )
}
