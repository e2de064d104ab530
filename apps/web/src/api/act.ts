import type { TaskKind, TaskPlan, VmId } from '@drover/model'
import { toast } from 'sonner'
import { useConsole } from '../console/store'
import { sayError } from './errors'

/**
 * Does something that was clicked. While the answer is on its way, the VMs concerned say what was asked; a refusal
 * is shown in words. Resolves to whether it was accepted.
 */
export async function act(
  what: string,
  run: () => Promise<unknown>,
  asked?: { vmIds: readonly VmId[]; kind: TaskKind },
): Promise<boolean> {
  if (asked) mark(asked.vmIds, asked.kind)
  try {
    warn(await run())
    return true
  } catch (error) {
    toast.error(`Could not ${what}`, { description: sayError(error), duration: 12_000 })
    return false
  } finally {
    // The patch with the task is usually here before the answer; if not, it is within a moment.
    if (asked) setTimeout(() => mark(asked.vmIds, null), 400)
  }
}

/** What speaks against it and did not forbid it, when the answer says so. */
function warn(answer: unknown): void {
  const { plan } = (answer ?? {}) as { plan?: Partial<TaskPlan> }
  if (plan?.warning) toast.warning(plan.warning, { duration: 12_000 })
}

function mark(vmIds: readonly VmId[], kind: TaskKind | null): void {
  const asked = { ...useConsole.getState().asked }
  for (const id of vmIds) {
    if (kind) asked[id] = kind
    else delete asked[id]
  }
  useConsole.setState({ asked })
}
