import type { LoadScore } from '@drover/model'
import { cx } from '../ui/cx'
import { scoreRows } from './state'

/** What gets better and what does not: each metric before and after, side by side. */
export function Scores({ before, after }: { before: LoadScore; after: LoadScore }) {
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-1" aria-label="Scores before and after">
      {scoreRows(before, after).map((row) => (
        <div key={row.name}>
          <dt className="text-sm text-text-3">{row.name}</dt>
          <dd className="num whitespace-nowrap">
            <span className="text-text-2">{row.before}</span>
            <span className="text-text-3">{' → '}</span>
            <span
              className={cx(
                'font-medium',
                row.change === 'better' ? 'text-ok' : row.change === 'worse' ? 'text-warning' : 'text-text-2',
              )}
            >
              {row.after}
            </span>
            {row.change !== 'same' && (
              <span className={row.change === 'better' ? 'text-ok' : 'text-warning'} title={row.change}>
                {row.change === 'better' ? ' ▾' : ' ▴'}
                <span className="sr-only"> {row.change}</span>
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}
