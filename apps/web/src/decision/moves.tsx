import { sayBytes, sayDuration } from '@drover/model'
import { ChevronRight } from 'lucide-react'
import { Fragment, useState } from 'react'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useTables } from '../replica/hooks'
import { cx } from '../ui/cx'
import { Scroll } from '../ui/scroll'
import { State } from '../ui/state'
import { byName } from '../ui/table/column'
import { partShown, type ShownMove, saySpread } from './state'

const head = 'px-2 font-medium first:pl-3 last:pr-3'

/**
 * Moves in their order, each with its gain and its cost; "why not the others" opens under it. With `chosen` they can be
 * ticked: those of one step belong together and are ticked together.
 */
export function MovesTable({
  moves,
  chosen,
  onChosen,
}: {
  moves: readonly ShownMove[]
  chosen?: ReadonlySet<number>
  onChosen?: (indexes: Set<number>) => void
}) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set())
  const states = moves.some((move) => move.state !== undefined && move.state !== 'open')
  const columns = 7 + (onChosen ? 1 : 0) + (states ? 1 : 0)
  const flip = (index: number) => {
    const next = new Set(open)
    if (!next.delete(index)) next.add(index)
    setOpen(next)
  }
  function tick(index: number) {
    const next = new Set(chosen)
    const on = !next.has(index)
    moves.forEach((move, i) => {
      if (move.step !== moves[index]!.step) return
      if (on) next.add(i)
      else next.delete(i)
    })
    onChosen?.(next)
  }
  return (
    <Scroll label="Moves" className="max-h-[46vh]">
      <table className="w-full min-w-[680px]" aria-label="Moves">
        <thead className="sticky top-0 z-[1] bg-surface">
          <tr className="h-7 border-b border-line text-left text-sm text-text-3">
            {onChosen && <th className="w-8" aria-label="Chosen" />}
            <th className={head}>Step</th>
            <th className={head}>VM</th>
            <th className={head}>From → to</th>
            <th className={`${head} text-right`} title="Standard deviation of the hosts' utilisation">
              CPU, memory apart then
            </th>
            <th className={`${head} text-right`}>Carried</th>
            <th className={`${head} text-right`}>Takes</th>
            {states && <th className={head}>State</th>}
            <th className={head} aria-label="Why" />
          </tr>
        </thead>
        <tbody>
          {moves.map((move, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: moves of a plan keep their places
            <Fragment key={i}>
              <tr className={cx('align-top', !open.has(i) && 'border-b border-line last:border-0')}>
                {onChosen && (
                  <td className="py-1 pl-3">
                    <input
                      type="checkbox"
                      aria-label={`Apply the move of ${move.vm.name}`}
                      checked={chosen?.has(i) ?? false}
                      onChange={() => tick(i)}
                      className="accent-(--accent)"
                    />
                  </td>
                )}
                <td className="num px-2 py-1 first:pl-3 text-text-3">{move.step + 1}</td>
                <td className="whitespace-nowrap px-2 py-1 font-medium">
                  <Named id={move.vm.id} name={move.vm.name} />
                </td>
                <td className="whitespace-nowrap px-2 py-1">
                  <Named id={move.source.id} name={move.source.name} /> →{' '}
                  <Named id={move.target.id} name={move.target.name} />
                </td>
                <td className="num whitespace-nowrap px-2 py-1 text-right">
                  {saySpread(move.after.cpu)}, {saySpread(move.after.memory)}
                </td>
                <td className="num whitespace-nowrap px-2 py-1 text-right">{sayBytes(move.bytes)}</td>
                <td className="num whitespace-nowrap px-2 py-1 text-right">
                  {sayDuration(Math.max(1, Math.round(move.seconds)) * 1_000)}
                </td>
                {states && <td className="px-2 py-1">{move.state && <PartState move={move} />}</td>}
                <td className="px-2 py-1 pr-3 text-right">
                  <button
                    type="button"
                    aria-expanded={open.has(i)}
                    onClick={() => flip(i)}
                    className="link inline-flex items-center gap-0.5 whitespace-nowrap"
                  >
                    <ChevronRight size={13} aria-hidden className={open.has(i) ? 'rotate-90' : ''} />
                    Why<span className="sr-only"> {move.vm.name}</span>
                  </button>
                </td>
              </tr>
              {open.has(i) && (
                <tr className="border-b border-line last:border-0">
                  <td colSpan={columns} className="bg-canvas px-3 pb-2 pt-1 pl-6">
                    <Why move={move} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function PartState({ move }: { move: ShownMove }) {
  const shown = partShown[move.state!]
  return (
    <span>
      {move.taskId ? (
        <Link href={paths.task(move.taskId)}>
          <State {...shown} />
        </Link>
      ) : (
        <State {...shown} />
      )}
      {move.why && <span className="block text-sm text-text-3">{move.why}</span>}
    </span>
  )
}

/** Why this move, and for every other host the first reason why not. */
function Why({ move }: { move: ShownMove }) {
  return (
    <div className="grid gap-1">
      <p>{move.text}</p>
      <h4 className="text-sm font-medium text-text-3">Why not the others</h4>
      {move.against.length === 0 ? (
        <p className="text-text-3">There is no other host.</p>
      ) : (
        <ul className="grid max-h-56 gap-x-6 overflow-y-auto lg:grid-cols-2">
          {[...move.against]
            .sort((a, b) => byName(a.host, b.host))
            .map(({ host, text }) => (
              <li key={host.id} className="grid grid-cols-[104px_1fr] gap-x-2">
                <Named id={host.id} name={host.name} />
                <span className="text-text-2">{text}</span>
              </li>
            ))}
        </ul>
      )}
    </div>
  )
}

/** A link while the object is there; else its name of the time. */
export function Named({ id, name }: { id: `vm-${number}` | `host-${number}`; name: string }) {
  const tables = useTables()
  const row = tables.vm.get(id) ?? tables.host.get(id)
  return row ? (
    <Link plain href={paths.object(id as `vm-${number}`)} className="truncate">
      {name}
    </Link>
  ) : (
    <span className="truncate">{name}</span>
  )
}
