import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { sayClock, sayDate, sayExact, sayShort } from '../format/time'
import 'uplot/dist/uPlot.min.css'

export interface ChartSeries {
  label: string
  values: (number | null)[]
  /** A token of the theme: `--accent`. */
  colour: string
  fill?: boolean
  dashed?: boolean
}

export interface ChartMark {
  /** Epoch ms. */
  at: number
  text: string
}

interface Props {
  label: string
  /** Epoch seconds. */
  times: number[]
  series: readonly ChartSeries[]
  marks: readonly ChartMark[]
  say: (value: number) => string
  /** What is under the cursor, where there is room for more than at the axis; absent: as there. */
  exactly?: (value: number) => string
  /** Bytes: levels at round numbers of KiB, MiB, GiB. */
  binary?: boolean
  /** Always within view: what there is at most. */
  top?: number
  from: number
  to: number
  /** A stretch was drawn over (epoch ms). */
  onRange: (fromAt: number, toAt: number) => void
}

const height = 168

/** A chart of recorded figures: one cursor with all others of the page, marks as lines, drawn over to look closer. */
export function Chart(props: Props) {
  const frame = useRef<HTMLDivElement>(null)
  const now = useRef(props)
  now.current = props
  const shape = props.series.map(({ label, colour }) => `${label} ${colour}`).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew only when its lines are others; figures are set below
  useEffect(() => {
    const element = frame.current!
    const make = () => new uPlot(optionsOf(now, element.clientWidth || 400), dataOf(now.current), element)
    let plot = make()
    plots.set(element, plot)
    const sizes = new ResizeObserver(([entry]) =>
      plot.setSize({ width: Math.max(120, Math.floor(entry!.contentRect.width)), height }),
    )
    sizes.observe(element)
    // Colours are read when a chart is made.
    const themes = new MutationObserver(() => {
      plot.destroy()
      plot = make()
      plots.set(element, plot)
    })
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => {
      sizes.disconnect()
      themes.disconnect()
      plot.destroy()
    }
  }, [shape])
  useEffect(() => {
    const plot = frame.current && plots.get(frame.current)
    if (!plot) return
    plot.setData(dataOf(props), false)
    plot.setScale('x', { min: props.from / 1_000, max: props.to / 1_000 })
    plot.redraw()
  })
  return <div ref={frame} role="img" aria-label={props.label} className="chart min-w-0" />
}

const plots = new WeakMap<Element, uPlot>()

function dataOf({ times, series }: Props): uPlot.AlignedData {
  return [times, ...series.map(({ values }) => values)] as uPlot.AlignedData
}

function optionsOf(now: { current: Props }, width: number): uPlot.Options {
  const { series, say, exactly = say } = now.current
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(name).trim()
  const font = `11px ${getComputedStyle(document.body).fontFamily}`
  const grid = { stroke: token('--line'), width: 1 }
  const axis = { stroke: token('--text-3'), font, grid, ticks: { show: false } }
  return {
    width,
    height,
    padding: [8, 18, 0, 0],
    legend: { live: true },
    cursor: {
      sync: { key: 'usage', setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 5 },
    },
    scales: {
      x: { time: true, range: () => [now.current.from / 1_000, now.current.to / 1_000] },
      y: { range: (_, __, max) => [0, Math.max(now.current.top ?? 0, (max ?? 0) * 1.08, 1e-6)] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        gap: 4,
        space: 64,
        values: (_, splits) => splits.map((at) => sayTick(at * 1_000, now.current.to - now.current.from)),
      },
      {
        ...axis,
        size: 64,
        gap: 6,
        splits: (_, __, min, max) => niceSplits(max - min, max, now.current.binary ?? false),
        values: (_, splits) => splits.map((value) => (value === 0 ? '0' : say(value))),
      },
    ],
    series: [
      {
        label: 'time',
        value: (_, at) => (at === null || at === undefined ? '–' : sayExact(at * 1_000).slice(0, 19)),
      },
      ...series.map(
        ({ label, colour, fill, dashed }): uPlot.Series => ({
          label,
          stroke: token(colour),
          width: 1.25,
          fill: fill ? `color-mix(in srgb, ${token(colour)} 14%, transparent)` : undefined,
          dash: dashed ? [4, 3] : undefined,
          spanGaps: false,
          points: { show: false },
          value: (_, value) => (value === null || value === undefined ? '–' : exactly(value)),
        }),
      ),
    ],
    hooks: {
      setSelect: [
        (plot) => {
          if (plot.select.width < 6) return
          const from = plot.posToVal(plot.select.left, 'x')
          const to = plot.posToVal(plot.select.left + plot.select.width, 'x')
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          now.current.onRange(Math.round(from * 1_000), Math.round(to * 1_000))
        },
      ],
      draw: [(plot) => drawMarks(plot, now.current.marks, token('--working'))],
    },
  }
}

const day = 86_400_000

/** `14:05` within some days, `07-14` beyond; both in the reader's time zone. */
function sayTick(at: number, span: number): string {
  if (span > 8 * day) return sayDate(at).slice(5)
  return span > 1.5 * day ? sayShort(at, 0) : sayClock(at).slice(0, 5)
}

/** About four levels at round places. */
function niceSplits(span: number, max: number, binary: boolean): number[] {
  const rough = span / 4
  const unit = binary ? 1024 ** Math.max(0, Math.floor(Math.log2(rough) / 10)) : 1
  const base = unit * 10 ** Math.floor(Math.log10(rough / unit))
  const step = [1, 2, 2.5, 5, 10].map((each) => each * base).find((each) => each >= rough) ?? base * 10
  return Array.from({ length: Math.floor(max / step + 1e-9) + 1 }, (_, i) => i * step)
}

function drawMarks(plot: uPlot, marks: readonly ChartMark[], colour: string): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.strokeStyle = colour
  ctx.fillStyle = colour
  ctx.lineWidth = devicePixelRatio
  for (const { at } of marks) {
    const x = Math.round(plot.valToPos(at / 1_000, 'x', true)) + 0.5
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio])
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    ctx.setLineDash([])
    const size = 4 * devicePixelRatio
    ctx.beginPath()
    ctx.moveTo(x - size, bbox.top)
    ctx.lineTo(x + size, bbox.top)
    ctx.lineTo(x, bbox.top + size * 1.4)
    ctx.fill()
  }
  ctx.restore()
}
