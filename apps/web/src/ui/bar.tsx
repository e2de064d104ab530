import { clamp, loadLevel } from '../format/quantity'
import { cx } from './cx'

const fills = { calm: 'bg-accent', high: 'bg-warning', full: 'bg-error' }

interface BarProps {
  /** 0 to 1. */
  fraction: number
  label: string
  className?: string
  /** A load turns amber at 80 % and red at 90 %; progress does not. */
  progress?: boolean
  /** Neither a load nor progress: the fuller, the better. */
  plain?: boolean
}

/** How full something is, or how far. */
export function Bar({ fraction, label, className, progress, plain }: BarProps) {
  const value = clamp(fraction)
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles it can have take a name
    <div
      role={progress ? 'progressbar' : 'meter'}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(value * 100)}
      className={cx('h-1.5 overflow-hidden rounded-sm bg-sunken', className)}
    >
      <div
        className={cx(
          'h-full rounded-sm transition-[width] duration-500',
          progress ? 'bg-working' : plain ? fills.calm : fills[loadLevel(value)],
        )}
        style={{ width: `${value * 100}%` }}
      />
    </div>
  )
}
