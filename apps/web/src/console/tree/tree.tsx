import type { ObjectId } from '@drover/model'
import { useVirtualizer } from '@tanstack/react-virtual'
import { HardDrive, type LucideIcon, Monitor, Network, Server } from 'lucide-react'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { navigate, usePath } from '../../nav/address'
import { actionsOf } from '../../object/actions'
import { paths, placeAt } from '../../paths'
import { tablesNow, useTables } from '../../replica/hooks'
import { pathOf } from '../../replica/look'
import { cx } from '../../ui/cx'
import { ActionContext } from '../../ui/menu'
import { Tip } from '../../ui/tooltip'
import { type TreeView, useConsole, useUser } from '../store'
import { TreeLine } from './line'
import { treeRows } from './rows'

const views: { view: TreeView; label: string; icon: LucideIcon }[] = [
  { view: 'hosts', label: 'Hosts and clusters', icon: Server },
  { view: 'vms', label: 'VMs', icon: Monitor },
  { view: 'storage', label: 'Storage', icon: HardDrive },
  { view: 'networks', label: 'Networks', icon: Network },
]
const lineHeight = 26

function setOpen(view: TreeView, id: ObjectId, open: boolean) {
  useConsole.setState((state) => ({ toggled: { ...state.toggled, [`${view}/${id}`]: open } }))
}

/** The inventory as a tree: four views of it, any size, the keys of every tree. */
export function Tree() {
  const view = useConsole((state) => state.treeView)
  return (
    <>
      <div role="tablist" aria-label="Views of the inventory" className="flex h-9 shrink-0 gap-1 px-2 pt-1.5">
        {views.map(({ view: each, label, icon: Icon }) => (
          <Tip key={each} text={label} side="bottom">
            <button
              type="button"
              role="tab"
              aria-selected={view === each}
              aria-label={label}
              onClick={() => useConsole.setState({ treeView: each })}
              className={cx(
                'grid h-7 flex-1 place-items-center rounded-md',
                view === each ? 'bg-selected text-accent' : 'text-text-3 hover:bg-hover',
              )}
            >
              <Icon size={15} strokeWidth={1.75} aria-hidden />
            </button>
          </Tip>
        ))}
      </div>
      <Lines view={view} />
    </>
  )
}

function Lines({ view }: { view: TreeView }) {
  const tables = useTables()
  const toggled = useConsole((state) => state.toggled)
  const role = useUser().role
  const place = placeAt(usePath())
  const here = place.page === 'object' ? place.id : null
  const scroller = useRef<HTMLDivElement>(null)
  const [focused, setFocused] = useState<ObjectId | null>(null)
  const [menu, setMenu] = useState<ObjectId | null>(null)
  const rows = useMemo(() => treeRows(tables, view, toggled), [tables, view, toggled])
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
    getItemKey: (index) => rows[index]!.id,
    overscan: 16,
  })
  const at = Math.max(
    0,
    rows.findIndex((row) => row.id === (focused ?? here)),
  )

  // What one looks at is opened and scrolled into view, once, when one gets there.
  useEffect(() => {
    setFocused(null)
    if (!here) return
    const state = useConsole.getState()
    const above = pathOf(tablesNow(), here).slice(0, -1)
    const closed = treeRows(tablesNow(), view, state.toggled).filter(
      (row) => row.open === false && above.some((object) => object.id === row.id),
    )
    for (const row of closed) setOpen(view, row.id, true)
    const index = treeRows(tablesNow(), view, useConsole.getState().toggled).findIndex(
      (row) => row.id === here,
    )
    if (index >= 0) requestAnimationFrame(() => virtualizer.scrollToIndex(index, { align: 'auto' }))
  }, [here, view, virtualizer])

  function focus(index: number) {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (!row) return
    setFocused(row.id)
    virtualizer.scrollToIndex(rows.indexOf(row))
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-id="${row.id}"]`)?.focus(),
    )
  }

  function keys(event: KeyboardEvent) {
    const row = rows[at]
    if (!row) return
    const parent = () => rows.findLastIndex((each, i) => i < at && each.level < row.level)
    switch (event.key) {
      case 'ArrowDown':
        focus(at + 1)
        break
      case 'ArrowUp':
        focus(at - 1)
        break
      case 'Home':
        focus(0)
        break
      case 'End':
        focus(rows.length - 1)
        break
      case 'ArrowRight':
        if (row.open === false) setOpen(view, row.id, true)
        else if (row.open) focus(at + 1)
        break
      case 'ArrowLeft':
        if (row.open) setOpen(view, row.id, false)
        else if (parent() >= 0) focus(parent())
        break
      case 'Enter':
        navigate(paths.object(row.id))
        break
      default:
        return
    }
    event.preventDefault()
  }

  return (
    <ActionContext actions={menu ? actionsOf(tables, menu, role) : []}>
      <div
        ref={scroller}
        role="tree"
        aria-label={views.find((each) => each.view === view)?.label}
        tabIndex={-1}
        className="min-h-0 flex-1 overflow-auto py-1"
        onKeyDown={keys}
        onContextMenu={(event) =>
          setMenu(
            ((event.target as HTMLElement).closest<HTMLElement>('[data-id]')?.dataset.id as ObjectId) ?? null,
          )
        }
      >
        {rows.length === 0 && <p className="px-3 py-2 text-text-3">No datacenter yet.</p>}
        <div role="presentation" className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index]!
            return (
              <TreeLine
                key={row.id}
                row={row}
                top={item.start}
                height={lineHeight}
                here={row.id === here}
                tabIndex={item.index === at ? 0 : -1}
                onToggle={() => setOpen(view, row.id, !row.open)}
              />
            )
          })}
        </div>
      </div>
    </ActionContext>
  )
}
