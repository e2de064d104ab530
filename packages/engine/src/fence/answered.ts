import type { ChangeEvent, FenceAnswer, FenceOrder, Host } from '@drover/model'
import { refOf } from '@drover/model'
import type { Said, Scene } from '../task/flow'

const words: Record<FenceOrder['kind'], string> = {
  'fence.off': 'switch off',
  'fence.on': 'switch on',
  'fence.status': 'say whether there is power at',
  'fence.soft': 'restart the agent of',
}

/** Whether a device was asked for the power state and said that it is off. */
export function saysOff({ body, result }: Said): boolean {
  return body.kind === 'fence.status' && result.ok && (result.data as FenceAnswer).power === 'off'
}

/** The line of history about what a device answered. It says the same only once in a row. */
export function answered({ said, world, task }: Scene, host: Host): ChangeEvent[] {
  if (!said) return []
  const { kind, deviceId } = said.body as FenceOrder
  const device = world.tables.fence.get(deviceId)
  if (!device) return []
  const { result } = said
  const answer = result.ok
    ? (result.data as FenceAnswer)
    : { power: 'unknown' as const, message: result.message }
  return [
    {
      body: {
        kind: 'fence.answered',
        device: refOf(device),
        host: refOf(host),
        asked: words[kind],
        power: answer.power,
        message: answer.message,
      },
      initiator: task.initiator,
      taskId: task.id,
      severity: result.ok ? 'info' : 'warning',
      rows: [],
    },
  ]
}
