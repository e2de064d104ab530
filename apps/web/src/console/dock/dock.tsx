import { isOpen, type Task } from '@drover/model'
import { ChevronDown, ChevronUp } from 'lucide-react'
import { useMemo } from 'react'
import { AlarmCounts } from '../../alarm/lines'
import { Link } from '../../nav/link'
import { paths } from '../../paths'
import { useTables } from '../../replica/hooks'
import { openAlarmsIn } from '../../replica/look'
import { latestFirst } from '../../replica/replica'
import { Button } from '../../ui/button'
import { cx } from '../../ui/cx'
import { Split } from '../../ui/split'
import { type DockTab, useConsole } from '../store'
import { DockAlarms } from './alarms'
import { DockRow } from './row'

const shown = 60
const everything = { noun: 'root', id: null } as const

/** What everybody has asked for lately, with live progress, and what is wrong, along the bottom of every page. */
export function Dock() {
  const tables = useTables()
  const { dockOpen, dockHeight, dockTab } = useConsole()
  const latest = useMemo(() => [...tables.task.values()].sort(latestFirst).slice(0, shown), [tables.task])
  // biome-ignore lint/correctness/useExhaustiveDependencies: alarms come from this table only
  const alarms = useMemo(() => openAlarmsIn(tables, everything), [tables.alarm])
  const open = latest.filter(isOpen)
  return (
    <section
      aria-label={dockTab === 'tasks' ? 'Recent tasks' : 'Alarms'}
      className="shrink-0 border-t border-line-strong bg-surface"
    >
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
      <div className="flex h-8 items-center gap-3 px-3">
        <Button
          look="ghost"
          icon={dockOpen ? ChevronDown : ChevronUp}
          aria-expanded={dockOpen}
          aria-label={dockOpen ? 'Hide the recent tasks' : 'Show the recent tasks'}
          onClick={() => useConsole.setState({ dockOpen: !dockOpen })}
        />
        <Choice tab="tasks" now={dockTab}>
          Recent tasks
        </Choice>
        <span className="text-sm text-text-3" role="status">
          {open.length > 0 ? `${open.length} under way` : 'none under way'}
        </span>
        <Choice tab="alarms" now={dockTab}>
          Alarms
        </Choice>
        <span className="flex gap-2 text-sm text-text-3" role="status" aria-label="Alarms that go on">
          {alarms.length > 0 ? <AlarmCounts alarms={alarms} /> : 'none'}
        </span>
        <span className="flex-1" />
        <Link href={paths.root(dockTab)} className="text-sm">
          {dockTab === 'tasks' ? 'All tasks' : 'All alarms'}
        </Link>
      </div>
      {dockOpen ? (
        <div className="overflow-y-auto border-t border-line" style={{ height: dockHeight - 32 }}>
          {dockTab === 'tasks' ? <DockTasks tasks={latest} /> : <DockAlarms alarms={alarms} />}
        </div>
      ) : (
        dockTab === 'tasks' &&
        open[0] && (
          <ul className="border-t border-line">
            <DockRow task={open[0]} />
          </ul>
        )
      )}
    </section>
  )
}

function Choice({ tab, now, children }: { tab: DockTab; now: DockTab; children: string }) {
  return (
    <h2>
      <button
        type="button"
        aria-pressed={tab === now}
        onClick={() => useConsole.setState({ dockTab: tab, dockOpen: true })}
        className={cx(
          'h-8 border-b-2',
          tab === now ? 'border-accent font-medium' : 'border-transparent text-text-2 hover:text-text',
        )}
      >
        {children}
      </button>
    </h2>
  )
}

function DockTasks({ tasks }: { tasks: readonly Task[] }) {
  if (tasks.length === 0) {
    return (
      <p className="px-4 py-3 text-text-3">
        Nothing has been asked for yet. Every power action, migration and change shows up here with its
        progress.
      </p>
    )
  }
  return (
    <ul>
      {tasks.map((task) => (
        <DockRow key={task.id} task={task} />
      ))}
    </ul>
  )
}
