import { useEffect } from 'react'
import { Dialogs } from '../dialogs'
import { usePath } from '../nav/address'
import { placeAt } from '../paths'
import { useReplicaStore } from '../replica/store'
import { cx } from '../ui/cx'
import { Split } from '../ui/split'
import { Dock } from './dock/dock'
import { Header } from './header'
import { useKeys } from './keys'
import { LineBar } from './line-bar'
import { Outlet } from './outlet'
import { Palette } from './palette'
import { useConsole } from './store'
import { useOwnTaskToasts } from './task-toasts'
import { Tree } from './tree/tree'

/** Header, tree, page and dock: in the same place at every level. */
export function Frame() {
  const path = usePath()
  const stale = useReplicaStore((state) => state.line.state === 'lost')
  const { treeWidth, drawer } = useConsole()
  useKeys()
  useOwnTaskToasts()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes whenever one goes somewhere
  useEffect(() => useConsole.setState({ drawer: false }), [path])

  return (
    <div className="flex h-dvh flex-col">
      <Header />
      <LineBar />
      <div
        className={cx('flex min-h-0 flex-1 transition-opacity', stale && 'opacity-60 saturate-50')}
        aria-busy={stale || undefined}
      >
        <nav
          aria-label="Inventory"
          style={{ width: treeWidth }}
          className={cx(
            'flex min-w-0 shrink-0 flex-col bg-canvas max-md:fixed max-md:inset-y-12 max-md:left-0 max-md:z-30 max-md:border-r max-md:shadow-(--shadow)',
            !drawer && 'max-md:hidden',
          )}
        >
          <Tree />
        </nav>
        <div className="max-md:hidden flex">
          <Split
            label="Width of the inventory"
            size={treeWidth}
            min={180}
            max={560}
            grows="right"
            onSize={(size) => useConsole.setState({ treeWidth: size })}
          />
        </div>
        <main tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col outline-none">
          <Outlet place={placeAt(path)} />
        </main>
      </div>
      <div className={cx('shrink-0 transition-opacity', stale && 'opacity-60 saturate-50')}>
        <Dock />
      </div>
      <Palette />
      <Dialogs />
    </div>
  )
}
