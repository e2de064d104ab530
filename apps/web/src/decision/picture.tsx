import { type HostId, type HostShares, type LoadDecision, type Ref, sayPercent } from '@drover/model'
import { clamp } from '../format/quantity'
import { useRow } from '../replica/hooks'
import { byName } from '../ui/table/column'
import { useWidth } from '../ui/width'
import type { ShownMove } from './state'

export interface PictureHost {
  host: Ref<HostId>
  before: HostShares
  after: HostShares
}

const most = 48
const barHeight = 64
const gap = 56
const head = 14
const foot = 18
const mostLines = 120

/** What a decision makes of its hosts. */
export function DecisionPicture({ decision }: { decision: LoadDecision }) {
  const cluster = useRow('cluster', decision.clusterId)
  const asleep = decision.power.filter(({ act }) => act === 'sleep').map(({ host }) => host.id)
  return (
    <BeforeAfterPicture
      hosts={decision.hosts}
      moves={decision.moves}
      limit={cluster?.balance?.limit}
      asleep={new Set<string>(asleep)}
    />
  )
}

/**
 * The load of hosts before and after a plan: two rows of bars, one pair (CPU, memory) a host, and a line for each move
 * between them. Of many hosts those that the moves touch, then the fullest.
 */
function BeforeAfterPicture({
  hosts,
  moves,
  limit = 0.9,
  asleep,
}: {
  hosts: readonly PictureHost[]
  moves: readonly Pick<ShownMove, 'vm' | 'source' | 'target'>[]
  limit?: number
  /** Hosts that sleep afterwards. */
  asleep?: ReadonlySet<string>
}) {
  const [frame, width] = useWidth<HTMLDivElement>()
  const shown = choose(hosts, moves, Math.max(4, Math.min(most, Math.floor(width / 22))))
  const column = width / Math.max(1, shown.length)
  const place = new Map(shown.map((each, i) => [each.host.id as string, (i + 0.5) * column]))
  const secondTop = head + barHeight + gap
  const height = secondTop + barHeight + foot
  const bar = Math.max(3, Math.min(14, column * 0.28))
  const lines = linesOf(moves, place).slice(0, mostLines)
  const says = shown
    .filter(({ before, after }) => sayShares(before) !== sayShares(after))
    .map(({ host, before, after }) => `${host.name} from ${sayShares(before)} to ${sayShares(after)}`)
    .join('; ')
  return (
    <figure className="grid gap-1">
      <figcaption className="flex flex-wrap items-center gap-x-4 text-sm text-text-3">
        <Key className="bg-accent" word="CPU" />
        <Key className="bg-standby" word="memory" />
        <Key className="bg-warning" word={`over ${sayPercent(limit)}`} />
        {shown.length < hosts.length && (
          <span>
            {shown.length} of {hosts.length} hosts: those that are touched, then the fullest
          </span>
        )}
      </figcaption>
      <div ref={frame} style={{ height }}>
        {width > 0 && shown.length > 0 && (
          <svg
            width={width}
            height={height}
            role="img"
            aria-label={`Load of hosts before and after: ${says || 'as it is'}.`}
            className="block overflow-visible"
          >
            <defs>
              <marker
                id="to"
                viewBox="0 0 8 8"
                refX="7"
                refY="4"
                markerWidth="6"
                markerHeight="6"
                orient="auto"
              >
                <path d="M0 0 8 4 0 8z" fill="var(--working)" />
              </marker>
            </defs>
            <Row top={head} label="before" width={width} limit={limit} />
            <Row top={secondTop} label="after" width={width} limit={limit} />
            {shown.map(({ host, before, after }) => {
              const x = place.get(host.id)!
              const sleeps = asleep?.has(host.id)
              return (
                <g key={host.id}>
                  <title>{`${host.name}: ${sayShares(before)}, then ${sleeps ? 'asleep' : sayShares(after)}`}</title>
                  <rect x={x - column / 2} y={0} width={column} height={height} fill="transparent" />
                  <Bars x={x} top={head} bar={bar} shares={before} limit={limit} />
                  {sleeps ? (
                    <text
                      x={x}
                      y={secondTop + barHeight - 6}
                      textAnchor="middle"
                      fontSize="13"
                      fill="var(--standby)"
                    >
                      ☾
                    </text>
                  ) : (
                    <Bars x={x} top={secondTop} bar={bar} shares={after} limit={limit} />
                  )}
                  {column >= 22 && (
                    <text x={x} y={height - 4} textAnchor="middle" fontSize="11" fill="var(--text-2)">
                      {short(host.name, column)}
                    </text>
                  )}
                </g>
              )
            })}
            {lines.map(({ move, from, to }, i) => (
              <path
                // biome-ignore lint/suspicious/noArrayIndexKey: moves of a plan keep their places; a VM may come twice
                key={`${move.vm.id} ${i}`}
                d={`M${from} ${head + barHeight + 4} C${from} ${head + barHeight + gap * 0.6} ${to} ${secondTop - gap * 0.6} ${to} ${secondTop - 3}`}
                fill="none"
                stroke="var(--working)"
                strokeWidth="1.5"
                strokeOpacity={lines.length > 30 ? 0.45 : 0.9}
                markerEnd="url(#to)"
              >
                <title>{`${move.vm.name}: ${move.source.name} → ${move.target.name}`}</title>
              </path>
            ))}
          </svg>
        )}
      </div>
    </figure>
  )
}

function Key({ className, word }: { className: string; word: string }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden className={`size-2.5 rounded-[2px] ${className}`} />
      {word}
    </span>
  )
}

function Row({ top, label, width, limit }: { top: number; label: string; width: number; limit: number }) {
  const bottom = top + barHeight
  const line = bottom - barHeight * limit
  return (
    <>
      <text x={0} y={top - 4} fontSize="11" fill="var(--text-3)">
        {label}
      </text>
      <line
        x1={0}
        x2={width}
        y1={line}
        y2={line}
        stroke="var(--warning)"
        strokeDasharray="3 4"
        strokeOpacity="0.6"
      />
      <line x1={0} x2={width} y1={bottom + 0.5} y2={bottom + 0.5} stroke="var(--line-strong)" />
    </>
  )
}

function Bars({
  x,
  top,
  bar,
  shares,
  limit,
}: {
  x: number
  top: number
  bar: number
  shares: HostShares
  limit: number
}) {
  return (['cpu', 'memory'] as const).map((of, i) => {
    const tall = Math.max(1, clamp(shares[of]) * barHeight)
    const fill = shares[of] > limit ? 'var(--warning)' : of === 'cpu' ? 'var(--accent)' : 'var(--standby)'
    return (
      <rect
        key={of}
        x={x - bar - 1 + i * (bar + 2)}
        y={top + barHeight - tall}
        width={bar}
        height={tall}
        fill={fill}
      />
    )
  })
}

function sayShares({ cpu, memory }: HostShares): string {
  return `CPU ${sayPercent(cpu)}, memory ${sayPercent(memory)}`
}

function short(name: string, width: number): string {
  const fit = Math.floor(width / 6.4)
  return name.length <= fit ? name : `…${name.slice(1 - fit)}`
}

/** From where to where each move goes; those of one pair side by side, so that one sees how many there are. */
function linesOf(
  moves: readonly Pick<ShownMove, 'vm' | 'source' | 'target'>[],
  place: ReadonlyMap<string, number>,
): { move: Pick<ShownMove, 'vm' | 'source' | 'target'>; from: number; to: number }[] {
  const pair = ({ source, target }: Pick<ShownMove, 'source' | 'target'>) => `${source.id} ${target.id}`
  const all = new Map<string, number>()
  for (const move of moves) all.set(pair(move), (all.get(pair(move)) ?? 0) + 1)
  const done = new Map<string, number>()
  return moves.flatMap((move) => {
    const from = place.get(move.source.id)
    const to = place.get(move.target.id)
    if (from === undefined || to === undefined) return []
    const nth = done.get(pair(move)) ?? 0
    done.set(pair(move), nth + 1)
    const aside = (nth - (all.get(pair(move))! - 1) / 2) * 5
    return [{ move, from: from + aside, to: to + aside }]
  })
}

/** Those that moves touch, then the fullest; in the order of their names. */
function choose(
  hosts: readonly PictureHost[],
  moves: readonly Pick<ShownMove, 'source' | 'target'>[],
  count: number,
): PictureHost[] {
  const named = (list: PictureHost[]) => list.sort((a, b) => byName(a.host, b.host))
  if (hosts.length <= count) return named([...hosts])
  const touched = new Set<string>(moves.flatMap((move) => [move.source.id, move.target.id]))
  const full = ({ before, after }: PictureHost) =>
    Math.max(before.cpu, before.memory, after.cpu, after.memory)
  const ranked = [...hosts].sort(
    (a, b) => Number(touched.has(b.host.id)) - Number(touched.has(a.host.id)) || full(b) - full(a),
  )
  return named(ranked.slice(0, count))
}
