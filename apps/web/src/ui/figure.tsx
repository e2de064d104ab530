import { Bar } from './bar'
import { Panel } from './facts'
import { Sparkline } from './sparkline'

/** How many values a trail keeps: the last minutes. */
export const trailLength = 120

interface FigureProps {
  name: string
  value: string
  /** What it is a part of: `of 16 cores`. */
  of: string
  fraction: number
  trail: readonly number[]
  max: number
}

function Figure({ name, value, of, fraction, trail, max }: FigureProps) {
  return (
    <div className="grid gap-1">
      <div className="flex items-baseline justify-between gap-2">
        <span className="text-text-3">{name}</span>
        <span className="num text-lg! font-medium">{value}</span>
      </div>
      <Bar fraction={fraction} label={name} />
      <div className="num text-right text-text-3">{of}</div>
      <Sparkline
        values={trail}
        max={max}
        length={trailLength}
        label={`${name} of the last minutes`}
        className="h-12"
      />
    </div>
  )
}

/** Live figures side by side, each with its trail; or why there are none. */
export function UsagePanel({
  figures,
  absent,
  children,
}: {
  figures: readonly FigureProps[]
  absent: string | null
  children?: React.ReactNode
}) {
  return (
    <Panel title="Usage" aside={absent ? undefined : 'now, and since this page was opened'}>
      {absent ? (
        <p className="px-3 py-2 text-text-3">{absent}</p>
      ) : (
        <>
          <div className="grid grid-cols-2 gap-4 p-3">
            {figures.map((figure) => (
              <Figure key={figure.name} {...figure} />
            ))}
          </div>
          {children}
        </>
      )}
    </Panel>
  )
}
