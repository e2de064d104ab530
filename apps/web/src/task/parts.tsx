import { type EvacuationPlan, isOpen, sayTask, type Task, type TaskParams } from '@drover/model'
import { useMemo } from 'react'
import { BeforeAfter } from '../host/evacuate/bars'
import { PlanTable, PlanTotals } from '../host/evacuate/plan'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useTables } from '../replica/hooks'
import { Panel } from '../ui/facts'
import { Notice } from '../ui/notice'
import { Scroll } from '../ui/scroll'
import { CancelButton } from './cancel'
import { routeOf } from './route'
import { TaskStanding } from './standing'

/** The tasks that a task began as its parts, under way first, then in the order in which they began. */
export function Parts({ task }: { task: Task }) {
  const tables = useTables()
  const parts = useMemo(
    () =>
      [...tables.task.values()]
        .filter((each) => each.parentId === task.id)
        .sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || b.createdAt - a.createdAt),
    [tables.task, task.id],
  )
  if (parts.length === 0) return null
  const open = parts.filter(isOpen).length
  return (
    <Panel
      title="Its parts"
      aside={`${parts.length - open} ended, ${open} under way`}
      className="xl:col-span-2"
    >
      <Scroll label="Parts" className="max-h-[50vh]">
        <ul>
          {parts.map((part) => (
            <li
              key={part.id}
              className="grid h-8 grid-cols-[minmax(150px,1.3fr)_minmax(110px,1.2fr)_minmax(200px,3fr)_32px] items-center gap-3 border-b border-line px-3 last:border-0 max-md:grid-cols-[1fr_1fr]"
            >
              <Link plain href={paths.task(part.id)} className="truncate font-medium">
                {sayTask(part)}
              </Link>
              <span className="truncate text-text-2 max-md:hidden">{routeOf(tables, part)}</span>
              <TaskStanding task={part} />
              <span className="max-md:hidden">{isOpen(part) && <CancelButton task={part} small />}</span>
            </li>
          ))}
        </ul>
      </Scroll>
    </Panel>
  )
}

/** The plan that was approved, for tasks that carry one out. */
export function ApprovedPlan({ task }: { task: Task }) {
  const tables = useTables()
  if (
    task.kind !== 'host.evacuate' &&
    task.kind !== 'host.shutdown' &&
    task.kind !== 'host.exitMaintenance'
  ) {
    return null
  }
  const { plan } = task.params as TaskParams['host.evacuate' | 'host.shutdown' | 'host.exitMaintenance']
  if (!plan || plan.moves.length === 0) return null
  const { moves, failed = {} } = task.memo as {
    moves?: EvacuationPlan['moves']
    failed?: Record<string, { why: string; times: number }>
  }
  const now = moves ? { ...plan, moves } : plan
  const troubles = Object.entries(failed)
  return (
    <Panel
      title={moves ? 'The plan, made again since it was approved' : 'The plan that was approved'}
      className="xl:col-span-2"
    >
      <div className="grid gap-3 p-3">
        <PlanTotals plan={now} />
        {troubles.map(([vmId, { why }]) => (
          <Notice key={vmId} tone="warning">
            <span>
              {tables.vm.get(vmId)?.name ?? 'A VM'}: {why}
            </span>
          </Notice>
        ))}
        <PlanTable plan={now} />
        {isOpen(task) && <BeforeAfter plan={plan} />}
      </div>
    </Panel>
  )
}
