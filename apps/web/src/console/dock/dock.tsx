import { isOpen } from '@drover/model'
import { ChevronDown, ChevronUp } from 'lucide-react'
import { useMemo } from 'react'
import { Link } from '../../nav/link'
import { paths } from '../../paths'
import { useTables } from '../../replica/hooks'
import { latestFirst } from '../../replica/replica'
import { Button } from '../../ui/button'
import { Split } from '../../ui/split'
import { useConsole } from '../store'
import { DockRow } from './row'

const shown = 60

/** What everybody has asked for lately, with live progress, along the bottom of every page. */
export function Dock() {
  const tasks = useTables().task
  const { dockOpen, dockHeight } = useConsole()
  const latest = useMemo(() => [...tasks.values()].sort(latestFirst).slice(0, shown), [tasks])
  const open = latest.filter(isOpen)
  return (
    <section aria-label="Recent tasks" className="shrink-0 border-t border-line-strong bg-surface">
      {dockOpen && (
        <Split
          label="Height of the recent tasks"
          size={dockHeight}
          min={80}
          max={560}
          grows="up"
          onSize={(height) => useConsole.setState({ dockHeight: height })}
        />
      )}
      <div className="flex h-8 items-center gap-2 px-3">
        <Button
          look="ghost"
          icon={dockOpen ? ChevronDown : ChevronUp}
          aria-expanded={dockOpen}
          aria-label={dockOpen ? 'Hide the recent tasks' : 'Show the recent tasks'}
          onClick={() => useConsole.setState({ dockOpen: !dockOpen })}
        />
        <h2 className="font-medium">Recent tasks</h2>
        <span className="text-sm text-text-3" role="status">
          {open.length > 0 ? `${open.length} under way` : 'none under way'}
        </span>
        <span className="flex-1" />
        <Link href={paths.root('tasks')} className="text-sm">
          All tasks
        </Link>
      </div>
      {dockOpen ? (
        <div className="overflow-y-auto border-t border-line" style={{ height: dockHeight - 32 }}>
          {latest.length === 0 ? (
            <p className="px-4 py-3 text-text-3">
              Nothing has been asked for yet. Every power action, migration and change shows up here with its
              progress.
            </p>
          ) : (
            <ul>
              {latest.map((task) => (
                <DockRow key={task.id} task={task} />
              ))}
            </ul>
          )}
        </div>
      ) : (
        open[0] && (
          <ul className="border-t border-line">
            <DockRow task={open[0]} />
          </ul>
        )
      )}
    </section>
  )
}
