import { roleAllows, sayTask, type Task } from '@drover/model'
import { X } from 'lucide-react'
import { act } from '../api/act'
import { api } from '../api/client'
import { useUser } from '../console/store'
import { Button } from '../ui/button'

/** Asks a task to stop. Not shown to those who may never act. */
export function CancelButton({ task, small }: { task: Task; small?: boolean }) {
  const { role } = useUser()
  if (!roleAllows(role, 'operator')) return null
  const reasons = task.state === 'cancelling' ? ['It has been asked to stop already.'] : []
  const cancel = () =>
    void act(`cancel “${sayTask(task)}”`, () => api.task.cancel.mutate({ taskId: task.id }))
  return small ? (
    <Button
      look="ghost"
      icon={X}
      className="size-6!"
      aria-label={`Cancel ${sayTask(task)}`}
      title="Cancel"
      reasons={reasons}
      onClick={cancel}
    />
  ) : (
    <Button icon={X} reasons={reasons} onClick={cancel}>
      Cancel
    </Button>
  )
}
