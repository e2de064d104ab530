import { isOpen, roleAllows, type Task } from '@drover/model'
import { Play } from 'lucide-react'
import { act } from '../api/act'
import { api } from '../api/client'
import { useUser } from '../console/store'
import { Button } from '../ui/button'

/** Lets a rolling maintenance that waits for a person go on. */
export function ContinueButton({ task }: { task: Task }) {
  const { role } = useUser()
  const waits = task.waiting?.code === 'attention'
  if (task.kind !== 'cluster.roll' || !isOpen(task) || !waits || !roleAllows(role, 'operator')) return null
  return (
    <Button
      look="primary"
      icon={Play}
      onClick={() =>
        void act('go on with the rolling maintenance', () =>
          api.cluster.rollContinue.mutate({ taskId: task.id }),
        )
      }
    >
      Continue
    </Button>
  )
}
