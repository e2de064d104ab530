import { cx } from './cx'

/** The last minutes of a figure as a line; the newest at the right. Values from 0 to `max`. */
export function Sparkline({
  values,
  max,
  length,
  label,
  className,
}: {
  values: readonly number[]
  max: number
  /** How many values fill the width. */
  length: number
  label: string
  className?: string
}) {
  const top = Math.max(max, 1e-9)
  const points = values.map((value, i) => {
    const x = ((length - values.length + i) / (length - 1)) * 100
    return `${x.toFixed(2)},${(39 - (Math.min(value, top) / top) * 38).toFixed(2)}`
  })
  const first = points[0]?.split(',')[0] ?? '100'
  return (
    <svg
      viewBox="0 0 100 40"
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      className={cx('block w-full text-accent', className)}
    >
      <title>{label}</title>
      <path d="M0 39.5H100" stroke="var(--line)" vectorEffect="non-scaling-stroke" />
      {points.length > 1 && (
        <>
          <polygon points={`${first},40 ${points.join(' ')} 100,40`} fill="currentColor" fillOpacity="0.12" />
          <polyline
            points={points.join(' ')}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.25"
            vectorEffect="non-scaling-stroke"
          />
        </>
      )}
    </svg>
  )
}
