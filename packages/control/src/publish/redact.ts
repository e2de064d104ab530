import {
  type Event,
  type FenceDevice,
  type LoadDecision,
  type RowChange,
  replicatedTables,
  type Task,
} from '@drover/model'

/** Control's working memory of a task: orders with one-time keys, definitions, paths. It never leaves control. */
const workingFields: readonly (keyof Task)[] = ['command', 'result', 'memo']

/** A task as others may see it. */
export function publicTask(task: Task): Task {
  return { ...task, command: null, result: null, memo: {} }
}

/** A fence device as others may see it: which secrets it has, but not one of them, sealed or not. */
export function publicFence(device: FenceDevice): FenceDevice {
  return { ...device, sealed: withoutSecrets(device.sealed) }
}

/** A decision as others may see it: what it was made from is asked for by itself. */
export function publicDecision(decision: LoadDecision): LoadDecision {
  return { ...decision, inputs: '' }
}

function withoutSecrets(sealed: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.keys(sealed).map((name) => [name, '']))
}

/** An event as others may see it: without rows that are not theirs and without tasks' working memory. */
export function publicEvent(event: Event): Event {
  const rows = event.rows.flatMap((row): RowChange[] => {
    if (!(replicatedTables as readonly string[]).includes(row.table)) return []
    if (row.table === 'fence' && row.set?.sealed) {
      const sealed = withoutSecrets(row.set.sealed as FenceDevice['sealed'])
      return [{ ...row, set: { ...row.set, sealed } }]
    }
    if (row.table === 'decision' && row.set && 'inputs' in row.set)
      return [{ ...row, set: { ...row.set, inputs: '' } }]
    if (row.table !== 'task' || row.set === null) return [row]
    const set = Object.fromEntries(
      Object.entries(row.set).filter(([field]) => !workingFields.includes(field as keyof Task)),
    )
    // A new row has all its fields, so that whoever copies it has a whole task.
    const isNew = 'kind' in set
    return [{ ...row, set: isNew ? (publicTask(set as unknown as Task) as unknown as typeof set) : set }]
  })
  return { ...event, rows }
}
