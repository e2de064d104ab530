import {
  type FenceAnswer,
  type FenceDevice,
  type FenceId,
  type FenceTest,
  type Host,
  type HostId,
  type Refusal,
  refOf,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { given } from '../given'
import { fenceTaskOf } from '../host/liveness'
import { checkLabel } from '../inventory/label'
import { drop, put } from '../world/rows'

/** What a person says of a device; secrets are sealed by whoever asks. */
export type FenceInput = Pick<
  FenceDevice,
  | 'hostId'
  | 'name'
  | 'level'
  | 'agent'
  | 'params'
  | 'sealed'
  | 'viaHostId'
  | 'delayMs'
  | 'retries'
  | 'timeoutMs'
  | 'enabled'
>

/** How often a test that says nothing new is written down all the same. */
const writtenEveryMs = 6 * 3_600_000

export function decideCreateFence(
  world: World,
  input: FenceInput,
  ctx: Context,
): Decision<{ fenceId: FenceId }> {
  const host = world.tables.host.get(input.hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: input.hostId }])
  const refusals = check(world, host, input)
  if (refusals.length > 0) return refuse(refusals)
  const device: FenceDevice = { id: ctx.ids.next('fence'), ...input, lastTest: null }
  const body = { kind: 'fence.created', device: refOf(device), host: refOf(host) } as const
  return accept([{ body, initiator: ctx.initiator, rows: [put('fence', device)] }], { fenceId: device.id })
}

/** What is left out stays. A secret that is not given again stays as it is. */
export function decideChangeFence(
  world: World,
  { fenceId, changes }: { fenceId: string; changes: Partial<Omit<FenceInput, 'hostId'>> },
  ctx: Context,
): Decision {
  const device = world.tables.fence.get(fenceId)
  const host = device && world.tables.host.get(device.hostId)
  if (!device || !host) return refuse([{ code: 'not_found', noun: 'fence device', id: fenceId }])
  const asked = given(changes)
  const row: FenceDevice = { ...device, ...asked, lastTest: null }
  const refusals = [...check(world, host, row, device.id), ...checkUnused(world, device)]
  if (refusals.length > 0) return refuse(refusals)
  const fields = (Object.keys(asked) as (keyof FenceDevice)[]).filter(
    (field) => JSON.stringify(row[field]) !== JSON.stringify(device[field]),
  )
  if (fields.length === 0) return accept([], null)
  const body = {
    kind: 'fence.changed',
    device: refOf(row),
    host: refOf(host),
    fields: fields.map(said),
  } as const
  return accept([{ body, initiator: ctx.initiator, rows: [put('fence', row)] }], null)
}

export function decideDeleteFence(world: World, { fenceId }: { fenceId: string }, ctx: Context): Decision {
  const device = world.tables.fence.get(fenceId)
  const host = device && world.tables.host.get(device.hostId)
  if (!device || !host) return refuse([{ code: 'not_found', noun: 'fence device', id: fenceId }])
  const refusals = checkUnused(world, device)
  if (refusals.length > 0) return refuse(refusals)
  const body = { kind: 'fence.deleted', device: refOf(device), host: refOf(host) } as const
  return accept([{ body, initiator: ctx.initiator, rows: [drop('fence', device.id)] }], null)
}

/** What a test of a device came to. Written down when it says something new, and now and then. Value: whether it was. */
export function decideTested(
  world: World,
  { fenceId, answer, ms }: { fenceId: string; answer: FenceAnswer & { ok: boolean }; ms: number },
  ctx: Context,
): Decision<FenceTest | null> {
  const device = world.tables.fence.get(fenceId)
  const host = device && world.tables.host.get(device.hostId)
  if (!device || !host) return accept([], null)
  const test = testOf(host, answer, ms, ctx.now)
  const last = device.lastTest
  const old = last === null || ctx.now - last.at >= writtenEveryMs
  const news = last?.ok !== test.ok || last?.power !== test.power
  const asked = ctx.initiator.kind === 'user'
  if (!old && !news && !asked) return accept([], test)
  const { ok, power, message } = test
  const body = { kind: 'fence.tested', device: refOf(device), host: refOf(host), ok, power, message } as const
  return accept(
    [{ body, initiator: ctx.initiator, rows: [put('fence', { ...device, lastTest: test })] }],
    test,
  )
}

/** A device has passed when it says the truth: of a host that is heard, that there is power. */
function testOf(
  host: Host,
  { ok, power, message }: FenceAnswer & { ok: boolean },
  ms: number,
  at: number,
): FenceTest {
  if (!ok || power === 'unknown')
    return { at, ok: false, power: 'unknown', ms, message: message || 'it cannot say whether there is power' }
  if (host.state === 'connected' && power === 'off')
    return { at, ok: false, power, ms, message: `it says that ${host.name} is off, but its agent is heard` }
  return { at, ok: true, power, ms, message }
}

function check(world: World, host: Host, input: FenceInput, self?: FenceId): Refusal[] {
  const others = [...world.tables.fence.values()].filter((other) => other.hostId === host.id)
  const refusals = checkLabel('fence device', input.name, others, self)
  const bad = (field: string, problem: string, remedy: string) =>
    refusals.push({ code: 'invalid', field, problem, remedy })
  if (!Number.isInteger(input.level) || input.level < 1 || input.level > 9)
    bad('level', `${input.level} is no level`, 'Give it between 1, tried first, and 9.')
  if (!/^[a-z0-9_]{3,60}$/.test(input.agent))
    bad('agent', `${input.agent} is no fence program`, 'Choose one such as fence_ipmilan.')
  if (!(input.timeoutMs >= 1_000 && input.timeoutMs <= 300_000))
    bad('timeoutMs', 'it is out of range', 'Give it between 1 and 300 seconds.')
  if (!(input.retries >= 0 && input.retries <= 10)) bad('retries', 'it is out of range', 'Give 0 to 10.')
  if (!(input.delayMs >= 0 && input.delayMs <= 120_000))
    bad('delayMs', 'it is out of range', 'Give at most two minutes.')
  if (input.viaHostId !== null) {
    if (!world.tables.host.has(input.viaHostId))
      refusals.push({ code: 'not_found', noun: 'host', id: input.viaHostId })
    if (input.viaHostId === host.id)
      bad(
        'viaHostId',
        `${host.name} cannot switch itself off when it is dead`,
        'Choose another host, or control.',
      )
  }
  return refusals
}

/** While an attempt to make sure of its host runs, its devices stay as they are; between attempts they can be mended. */
function checkUnused(world: World, device: FenceDevice): Refusal[] {
  const task = fenceTaskOf(world, device.hostId as HostId)
  const host = world.tables.host.get(device.hostId)
  if (!task || !host || task.memo.failed === true) return []
  return [{ code: 'fence_in_use', device: refOf(device), host: refOf(host) }]
}

/** Fields as history names them; of secrets only that they changed. */
function said(field: string): string {
  return field === 'sealed' ? 'secrets' : field === 'params' ? 'parameters' : field
}
