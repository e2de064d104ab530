import { isOpen, sayOutcome, sayPercent, sayWaiting, type Task } from '@drover/model'
import { useProgress } from '../replica/hooks'
import { Bar } from '../ui/bar'
import { useTimed } from '../ui/clock'
import { Mark, State } from '../ui/state'
import { fractionOf, sayPace, taskState, taskTones } from './state'

/** How a task stands, on one line: its progress while it runs, what it waits for, how it ended. */
export function TaskStanding({ task }: { task: Task }) {
  const progress = useProgress(task.id)
  const waiting = useTimed((now) => (task.waiting ? sayWaiting(task.waiting, now) : ''))
  if (!isOpen(task)) {
    const said = task.outcome ? sayOutcome(task.outcome) : taskState(task).word
    return (
      <span className="flex min-w-0 items-center gap-1.5" title={said}>
        <Mark tone={taskTones[task.state]} label={taskState(task).word} />
        <span className="truncate text-text-2">{said}</span>
      </span>
    )
  }
  if (waiting && !progress) {
    return (
      <span className="flex min-w-0 items-center gap-1.5" title={waiting}>
        <Mark tone={taskTones[task.state]} label={taskState(task).word} />
        <span className="truncate text-text-2">{waiting}</span>
      </span>
    )
  }
  const fraction = fractionOf(task, progress)
  const step = task.steps.find((each) => each.state === 'running')?.name
  return (
    <span className="flex min-w-0 items-center gap-2">
      {task.state === 'cancelling' && <State {...taskState(task)} />}
      <Bar progress fraction={fraction} label={`Progress of ${task.vmName}`} className="w-28 shrink-0" />
      <span className="num w-10 shrink-0 text-right">{sayPercent(fraction)}</span>
      <span className="num truncate text-text-2">{sayPace(progress)}</span>
      <span className="truncate text-text-3">{step}</span>
    </span>
  )
}
