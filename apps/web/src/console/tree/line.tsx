import { type ObjectId, sayPercent } from '@drover/model'
import { ChevronRight } from 'lucide-react'
import { loadLevel } from '../../format/quantity'
import { useHostLoad } from '../../host/load'
import { hostState } from '../../host/state'
import { navigate } from '../../nav/address'
import { nounIcons } from '../../object/icons'
import { nounOf, paths } from '../../paths'
import { useRow } from '../../replica/hooks'
import { cx } from '../../ui/cx'
import { Mark } from '../../ui/state'
import { useVmState } from '../../vm/use-state'
import type { TreeRow } from './rows'

interface Props {
  row: TreeRow
  top: number
  height: number
  here: boolean
  tabIndex: number
  onToggle: () => void
}

/** One line of the tree: a name, what kind of thing, how it stands. */
export function TreeLine({ row, top, height, here, tabIndex, onToggle }: Props) {
  const noun = nounOf(row.id)
  const Icon = nounIcons[noun as keyof typeof nounIcons]
  return (
    <div
      role="treeitem"
      aria-level={row.level}
      aria-expanded={row.open ?? undefined}
      aria-selected={here}
      data-id={row.id}
      tabIndex={tabIndex}
      onClick={() => navigate(paths.object(row.id))}
      onKeyDown={() => undefined}
      className={cx(
        'absolute inset-x-1 flex cursor-default items-center gap-1.5 rounded-sm pr-2',
        here ? 'bg-selected font-medium text-text' : 'text-text-2 hover:bg-hover',
      )}
      style={{ transform: `translateY(${top}px)`, height, paddingLeft: (row.level - 1) * 14 + 2 }}
    >
      <span
        aria-hidden
        className="grid size-4 shrink-0 place-items-center text-text-3"
        onClick={(event) => {
          event.stopPropagation()
          if (row.open !== null) onToggle()
        }}
      >
        {row.open !== null && (
          <ChevronRight size={13} className={cx('transition-transform', row.open && 'rotate-90')} />
        )}
      </span>
      {Icon && <Icon size={14} strokeWidth={1.75} className="shrink-0 text-text-3" aria-hidden />}
      <span className="min-w-0 flex-1 truncate">{row.name}</span>
      <Standing id={row.id} />
    </div>
  )
}

function Standing({ id }: { id: ObjectId }) {
  const noun = nounOf(id)
  if (noun === 'vm') return <VmStanding id={id} />
  if (noun === 'host') return <HostStanding id={id} />
  return null
}

function VmStanding({ id }: { id: ObjectId }) {
  const state = useVmState(id)
  return state && <Mark tone={state.tone} label={state.word} size={9} />
}

function HostStanding({ id }: { id: ObjectId }) {
  const host = useRow('host', id)
  const load = useHostLoad(id)
  if (!host) return null
  const state = hostState(host)
  const most = Math.max(load.cpu ?? 0, load.memory ?? 0)
  if (state.tone !== 'ok') return <Mark tone={state.tone} label={state.word} size={9} />
  return (
    <>
      <span className={cx('num text-xs!', loadLevel(most) === 'calm' ? 'text-text-3' : 'text-warning')}>
        {load.cpu === null ? '' : sayPercent(most)}
      </span>
      <Mark
        tone={loadLevel(most) === 'calm' ? 'ok' : 'warning'}
        label={loadLevel(most) === 'calm' ? state.word : 'high load'}
        size={9}
      />
    </>
  )
}
