import {
  isOpen,
  methodWords,
  sayDuration,
  sayInitiator,
  sayOutcome,
  sayTask,
  sayWaiting,
  type Task,
  type TaskId,
  type TaskParams,
} from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { ListChecks } from 'lucide-react'
import type { ReactNode } from 'react'
import { trpc } from '../api/client'
import { EventLines } from '../event/lines'
import { Link } from '../nav/link'
import { Absent } from '../object/absent'
import { paths } from '../paths'
import { useRow, useTables } from '../replica/hooks'
import type { ReplicaTables } from '../replica/replica'
import { useTimed } from '../ui/clock'
import { Facts, Panel } from '../ui/facts'
import { State } from '../ui/state'
import { Ago } from '../ui/time'
import { CancelButton } from './cancel'
import { ContinueButton } from './continue'
import { GiveUpButton } from './give-up'
import { ApprovedPlan, Parts } from './parts'
import { routeOf } from './route'
import { taskState } from './state'
import { Timeline } from './timeline'

/** One task with its steps, also one that ended long ago. */
export function TaskPage({ id }: { id: TaskId }) {
  const live: Task | undefined = useRow('task', id)
  const query = useQuery(trpc.task.show.queryOptions({ taskId: id }, { enabled: !live }))
  const task = live ?? (query.data?.task as Task | undefined)
  if (task) return <Shown task={task} />
  return <Absent noun="task" all="tasks" icon={ListChecks} query={query} />
}

function Shown({ task }: { task: Task }) {
  const tables = useTables()
  const parent = useRow('task', task.parentId)
  const took = useTimed((now) => sayDuration((task.endedAt ?? now) - task.createdAt))
  const waiting = useTimed((now) => (task.waiting ? sayWaiting(task.waiting, now) : ''))
  const method = task.kind === 'vm.migrate' ? (task.params as TaskParams['vm.migrate']).method : null
  return (
    <>
      <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-3 border-b border-line bg-surface px-4 py-2">
        <ListChecks size={20} strokeWidth={1.5} className="text-text-3" aria-hidden />
        <h1 className="text-xl font-semibold first-letter:uppercase">{sayTask(task)}</h1>
        <State {...taskState(task)} />
        <span className="text-text-2">{routeOf(tables, task)}</span>
        <span className="flex-1" />
        <ContinueButton task={task} />
        <GiveUpButton task={task} />
        {isOpen(task) && <CancelButton task={task} />}
      </header>
      <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4 xl:grid-cols-[2fr_1fr]">
        <Panel title="Steps">
          {(task.outcome || waiting) && (
            <p className="border-b border-line px-3 py-2" role="status">
              {task.outcome ? sayOutcome(task.outcome) : waiting}
            </p>
          )}
          <Timeline task={task} />
        </Panel>
        <Panel title="About it">
          <Facts
            rows={[
              aboutOf(tables, task),
              parent && [
                'Part of',
                <Link key="part" href={paths.task(parent.id)}>
                  {sayTask(parent)}
                </Link>,
              ],
              ['Asked by', sayInitiator(task.initiator)],
              ['Asked', <Ago key="at" at={task.createdAt} />],
              task.reason ? ['Reason', task.reason] : null,
              method ? ['Way', methodWords[method]] : null,
              [
                'Taken',
                <span key="took" className="num">
                  {took}
                </span>,
              ],
            ]}
          />
        </Panel>
        <Parts task={task} />
        <ApprovedPlan task={task} />
        <Panel title="What happened" className="xl:col-span-2">
          <EventLines query={{ subjects: [task.id], ascending: true, limit: 200 }} />
        </Panel>
      </div>
    </>
  )
}

/** What a task is about: a VM, a host or a whole cluster; a link while it is there. */
function aboutOf(tables: ReplicaTables, task: Task): readonly [string, ReactNode] {
  const object = task.vmId ?? task.host?.id ?? task.clusterId
  const [word, row] = task.vmId
    ? ['VM', tables.vm.get(object)]
    : task.host
      ? ['Host', tables.host.get(object)]
      : ['Cluster', tables.cluster.get(object)]
  const name = row?.name ?? task.host?.name ?? task.vmName
  return [
    word,
    row ? (
      <Link key={object} href={paths.object(object)}>
        {name}
      </Link>
    ) : (
      name
    ),
  ]
}
