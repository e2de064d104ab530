import { sayBytes, sayDuration } from '@drover/model'
import { ChevronRight } from 'lucide-react'
import { Fragment, useState } from 'react'
import { openDialog } from '../console/store'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useRow, useTables } from '../replica/hooks'
import { cx } from '../ui/cx'
import { Scroll } from '../ui/scroll'
import { State } from '../ui/state'
import { byName } from '../ui/table/column'
import { partShown, type ShownMove, saySpread } from './state'

const head = 'px-2 font-medium first:pl-3 last:pr-3'
/** Where there is no room for columns, a move is a small block: VM, from and to, figures below one another. */
const narrow = 'max-md:block max-md:px-0 max-md:py-0.5'
const figure = `num whitespace-nowrap px-2 py-1 text-right ${narrow} max-md:row-start-3 max-md:pr-4 max-md:text-left`

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
    <Scroll label="Moves" className="md:max-h-[46vh]">
      <table className="w-full max-md:block md:min-w-[680px]" aria-label="Moves">
        <thead className="sticky top-0 z-[1] bg-surface max-md:hidden">
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
        <tbody className="max-md:block">
          {moves.map((move, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: moves of a plan keep their places
            <Fragment key={i}>
              <tr
                className={cx(
                  'align-top max-md:grid max-md:grid-cols-[28px_auto_auto_1fr_auto] max-md:px-2 max-md:py-1',
                  !open.has(i) && 'border-b border-line last:border-0',
                )}
              >
                {onChosen && (
                  <td className={`${narrow} py-1 pl-3 max-md:row-start-1`}>
                    <input
                      type="checkbox"
                      aria-label={`Apply the move of ${move.vm.name}`}
                      checked={chosen?.has(i) ?? false}
                      onChange={() => tick(i)}
                      className="mt-[3px] block accent-(--accent)"
                    />
                  </td>
                )}
                <td
                  className={cx(
                    narrow,
                    'num px-2 py-1 text-text-3 first:pl-3 max-md:col-start-1',
                    onChosen ? 'max-md:row-start-2' : 'max-md:row-start-1',
                  )}
                >
                  {move.step + 1}
                </td>
                <td
                  className={`${narrow} whitespace-nowrap px-2 py-1 font-medium max-md:col-span-3 max-md:col-start-2 max-md:row-start-1`}
                >
                  <Named id={move.vm.id} name={move.vm.name} />
                </td>
                <td
                  className={`${narrow} px-2 py-1 md:whitespace-nowrap max-md:col-span-3 max-md:col-start-2 max-md:row-start-2`}
                >
                  <Named id={move.source.id} name={move.source.name} /> →{' '}
                  <Named id={move.target.id} name={move.target.name} />
                </td>
                <td className={`${figure} max-md:col-start-2`}>
                  {saySpread(move.after.cpu)}, {saySpread(move.after.memory)}
                  <span className="ml-1 font-sans text-sm text-text-3 md:hidden">apart</span>
                </td>
                <td className={`${figure} max-md:col-start-3`}>{sayBytes(move.bytes)}</td>
                <td className={`${figure} max-md:col-start-4`}>
                  {sayDuration(Math.max(1, Math.round(move.seconds)) * 1_000)}
                </td>
                {states && (
                  <td
                    className={`${narrow} px-2 py-1 max-md:col-span-4 max-md:col-start-2 max-md:row-start-4`}
                  >
                    {move.state && <PartState move={move} />}
                  </td>
                )}
                <td className={`${narrow} px-2 py-1 pr-3 text-right max-md:col-start-5 max-md:row-start-1`}>
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
                <tr className="border-b border-line last:border-0 max-md:block">
                  <td colSpan={columns} className="bg-canvas px-3 pb-2 pt-1 max-md:block md:pl-6">
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
  const there = useRow('vm', move.vm.id)
  return (
    <div className="grid gap-1">
      <p>{move.text}</p>
      <h4 className="flex flex-wrap gap-x-3 text-sm font-medium text-text-3">
        Why not the others
        {there && (
          <button
            type="button"
            className="link"
            onClick={() => openDialog({ kind: 'why not', vmId: move.vm.id })}
          >
            All reasons, as of now…
          </button>
        )}
      </h4>
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
