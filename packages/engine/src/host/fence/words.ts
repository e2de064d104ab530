import type { DeathProof, FenceDevice, FenceId, FenceOrder, Host, Outcome } from '@drover/model'
import { refOf } from '@drover/model'
import { becomeFenced } from '../../ha/lost'
import type { Flow, Scene } from '../../task/flow'
import type { Ending } from '../../task/step'
import { Changes } from '../../world/changes'

export type FenceScene = Scene<'host.fence'>

/** What a fence task remembers between its moves. */
export interface FenceMemo {
  /** The first order to switch off went out: from then on the host may die at any moment. */
  offAt?: number
  /** Which level of devices, which device of it, and what it was asked for. */
  level?: number
  at?: number
  act?: 'off' | 'status'
  /** Orders to this level before this one, and looks since the last one. */
  round?: number
  polls?: number
  /** When the first device of the level was last asked for the state. */
  askedAt?: number
  /** Since when all devices of the level say off. */
  saidOffAt?: number
  /** All levels have failed, so often; nothing is under way until they are tried again. */
  failed?: boolean
  times?: number
  againAt?: number
  why?: string
  soft?: number
  softUntil?: number
}

export function order(kind: FenceOrder['kind'], { id }: { id: FenceId }): Flow & { flow: 'fence' } {
  return { flow: 'fence', order: { kind, deviceId: id } }
}

export function withEvents(events: NonNullable<Flow['events']>): { events?: Flow['events'] } {
  return events.length > 0 ? { events } : {}
}

export function waitingFor(host: Host, device: FenceDevice, tries: number) {
  return { code: 'fence_device', host: refOf(host), device: refOf(device), tries } as const
}

/** Why the last order did not switch the host off. */
export function whyOf({ said, world }: FenceScene): string {
  if (!said) return 'no device answered'
  const { deviceId } = said.body as FenceOrder
  const name = world.tables.fence.get(deviceId)?.name ?? deviceId
  if (!said.result.ok) return `${name}: ${said.result.message}`
  const { power, message } = said.result.data as { power: string; message: string }
  return power === 'on'
    ? `${name} says that it is still on`
    : `${name} cannot say whether it is off: ${message}`
}

export function finish(
  { task }: FenceScene,
  state: Ending['state'],
  cause: string,
): Flow & { flow: 'finish' } {
  return { flow: 'finish', state, outcome: { code: 'not_fenced', host: task.host!, cause } }
}

/** The end of a fence that reached its goal, with everything that follows for the host and its VMs. */
export function proven(
  scene: FenceScene,
  proof: DeathProof | null,
): Ending & { events: NonNullable<Flow['events']> } {
  const { task, now, world } = scene
  const host = world.tables.host.get(task.host!.id)!
  const changes = new Changes(world, scene.ctx, { initiator: task.initiator, taskId: task.id })
  if (proof && host.state !== 'fenced') becomeFenced(changes, host.id, proof, task.id)
  const how = proof?.text ?? 'it runs nothing'
  const outcome: Outcome = { code: 'fenced', host: refOf(host), how, totalMs: now - (task.startedAt ?? now) }
  return { state: 'succeeded', outcome, events: changes.events }
}
