import { isOpen, sayInitiator, sayTask, type Task } from '@drover/model'
import { Link } from '../../nav/link'
import { paths } from '../../paths'
import { useTables } from '../../replica/hooks'
import { CancelButton } from '../../task/cancel'
import { GiveUpButton } from '../../task/give-up'
import { routeOf } from '../../task/route'
import { TaskStanding } from '../../task/standing'
import { At } from '../../ui/time'

/** One task on one line: what, where, how far, how fast, who, since when. */
export function DockRow({ task }: { task: Task }) {
  const tables = useTables()
  return (
    <li className="grid h-7 grid-cols-[minmax(150px,1.3fr)_minmax(110px,1.2fr)_minmax(200px,3fr)_90px_64px_52px] items-center gap-3 border-b border-line px-4 last:border-0 hover:bg-hover max-md:grid-cols-[1fr_1fr_52px]">
      <Link plain href={paths.task(task.id)} className="truncate font-medium">
        {sayTask(task)}
      </Link>
      <span className="truncate text-text-2 max-md:hidden">{routeOf(tables, task)}</span>
      <TaskStanding task={task} />
      <span className="truncate text-text-2 max-md:hidden">{sayInitiator(task.initiator)}</span>
      <At at={task.createdAt} className="num text-text-3 max-md:hidden" />
      <span className="flex justify-end">
        <GiveUpButton task={task} small />
        {isOpen(task) && <CancelButton task={task} small />}
      </span>
    </li>
  )
}
