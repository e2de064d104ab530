import { sayDuration, sayInitiator, sayOutcome, sayTask, type Task, taskStateWords } from '@drover/model'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { tablesNow } from '../replica/hooks'
import { useTimed } from '../ui/clock'
import type { Column } from '../ui/table/column'
import { At } from '../ui/time'
import { routeOf } from './route'
import { TaskStanding } from './standing'

function Took({ task }: { task: Task }) {
  const text = useTimed((now) => sayDuration((task.endedAt ?? now) - task.createdAt))
  return <span className="num">{text}</span>
}

export const taskColumns: Column<Task>[] = [
  {
    id: 'name',
    header: 'Task',
    width: 'minmax(160px, 1.4fr)',
    value: sayTask,
    text: sayTask,
    cell: (task) => (
      <Link href={paths.task(task.id)} className="font-medium">
        {sayTask(task)}
      </Link>
    ),
  },
  {
    id: 'where',
    header: 'Where',
    width: 'minmax(120px, 1.2fr)',
    value: (task) => routeOf(tablesNow(), task),
    text: (task) => routeOf(tablesNow(), task),
    cell: (task) => routeOf(tablesNow(), task),
  },
  {
    id: 'state',
    header: 'How it stands',
    width: 'minmax(260px, 3fr)',
    value: (task) => taskStateWords[task.state],
    text: (task) => `${taskStateWords[task.state]} ${task.outcome ? sayOutcome(task.outcome) : ''}`,
    cell: (task) => <TaskStanding task={task} />,
  },
  {
    id: 'who',
    header: 'Asked by',
    width: 'minmax(80px, .7fr)',
    value: (task) => sayInitiator(task.initiator),
    text: (task) => sayInitiator(task.initiator),
    cell: (task) => sayInitiator(task.initiator),
  },
  {
    id: 'reason',
    header: 'Reason',
    width: 'minmax(100px, 1fr)',
    extra: true,
    value: (task) => task.reason,
    text: (task) => task.reason ?? '',
    cell: (task) => task.reason,
  },
  {
    id: 'at',
    header: 'Asked',
    width: '100px',
    value: (task) => task.createdAt,
    cell: (task) => <At at={task.createdAt} className="num" />,
  },
  {
    id: 'took',
    header: 'Taken',
    width: '100px',
    right: true,
    value: (task) => (task.endedAt ?? Number.MAX_SAFE_INTEGER) - task.createdAt,
    cell: (task) => <Took task={task} />,
  },
]
