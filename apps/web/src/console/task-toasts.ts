import { isOpen, sayOutcome, sayTask, type Task, type TaskId } from '@drover/model'
import { useEffect, useRef } from 'react'
import { toast } from 'sonner'
import { navigate } from '../nav/address'
import { paths } from '../paths'
import { useTables } from '../replica/hooks'
import { openDialog, useUser } from './store'

/** Tells a person how the work that they asked for ended, when it did not end well, wherever they are by then. */
export function useOwnTaskToasts(): void {
  const user = useUser()
  const tasks = useTables().task
  const open = useRef<Set<TaskId>>(new Set())
  useEffect(() => {
    const now = new Set<TaskId>()
    for (const task of tasks.values()) {
      if (task.initiator.kind !== 'user' || task.initiator.id !== user.id) continue
      if (isOpen(task)) now.add(task.id)
      else if (open.current.has(task.id)) tell(task)
    }
    open.current = now
  }, [tasks, user.id])
}

function tell(task: Task): void {
  if (task.state === 'succeeded' || !task.outcome) return
  const { vmId, outcome } = task
  const stop =
    outcome.code === 'shutdown_ignored' && vmId
      ? {
          label: 'Hard stop…',
          onClick: () => openDialog({ kind: 'power', verb: 'stop', vmIds: [vmId] }),
        }
      : { label: 'Show', onClick: () => navigate(paths.task(task.id)) }
  const say = task.state === 'failed' ? toast.error : toast.message
  say(`${capital(sayTask(task))}: ${task.state === 'failed' ? 'failed' : 'cancelled'}`, {
    description: sayOutcome(outcome),
    action: stop,
    duration: 15_000,
  })
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
