import { isOpen, roleAllows, sayTask, type Task, type TaskId } from '@drover/model'
import { Unplug } from 'lucide-react'
import { act } from '../api/act'
import { api } from '../api/client'
import { closeDialog, openDialog, useUser } from '../console/store'
import { useRow } from '../replica/hooks'
import { Button } from '../ui/button'
import { Confirm } from '../ui/confirm'

/** Offers to wait no longer for a silent host; shown only where a task waits for one. */
export function GiveUpButton({ task, small }: { task: Task; small?: boolean }) {
  const { role } = useUser()
  if (!roleAllows(role, 'operator') || !isOpen(task) || task.waiting?.code !== 'host_answer') return null
  const open = () => openDialog({ kind: 'give up', taskId: task.id })
  return small ? (
    <Button
      look="ghost"
      icon={Unplug}
      className="size-6!"
      aria-label={`Give up ${sayTask(task)}`}
      title="Give up"
      onClick={open}
    />
  ) : (
    <Button icon={Unplug} onClick={open}>
      Give up…
    </Button>
  )
}

/** Says what giving up means before it is done. */
export function GiveUpDialog({ taskId }: { taskId: TaskId }) {
  const task: Task | undefined = useRow('task', taskId)
  if (!task) return null
  const { waiting, vmName } = task
  const host = waiting?.code === 'host_answer' ? waiting.host.name : null
  const reasons = isOpen(task) && host ? [] : ['It no longer waits for a silent host.']
  return (
    <Confirm
      danger
      title={`Give up “${sayTask(task)}”`}
      about={`Drover stops waiting for ${host ?? 'the host'}, and the task ends as failed.`}
      label="Give up"
      why="Optional; kept in the history."
      reasons={reasons}
      run={(reason) => act(`give up “${sayTask(task)}”`, () => api.task.giveUp.mutate({ taskId, reason }))}
      onClose={closeDialog}
    >
      <ul className="list-disc space-y-1 pl-4 text-text-2">
        <li>What {host ?? 'the host'} did before it fell silent, or still does, is not known.</li>
        <li>Nothing is assumed of {vmName}: when the host is back, its report says what is true.</li>
        <li>What had been begun there, such as copies of disks, is not cleaned up.</li>
        <li>{vmName} may be acted on again, and the host may be removed from Drover.</li>
      </ul>
    </Confirm>
  )
}
