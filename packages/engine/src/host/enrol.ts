import {
  type AgentFault,
  type Host,
  type HostId,
  type JoinToken,
  type Refusal,
  refOf,
  soundHost,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { put } from '../world/rows'

export interface EnrolInput {
  tokenSha256: string
  name: string
  address: string
  publicKey: string
}

/**
 * Makes a host of an agent that shows a join token. A token serves once; the same agent asking again (its answer was
 * lost) gets the same host.
 */
export function decideEnrol(world: World, input: EnrolInput, ctx: Context): Decision<{ hostId: HostId }> {
  const { tokenSha256, name, address, publicKey } = input
  const token = [...world.tables.token.values()].find(({ secretSha256 }) => secretSha256 === tokenSha256)
  const before = token?.usedByHostId ? world.tables.host.get(token.usedByHostId) : undefined
  if (before && before.publicKey === publicKey) return accept([], { hostId: before.id })
  const refusals = checkEnrol(world, token, input, ctx.now)
  if (refusals.length > 0 || !token) return refuse(refusals)

  const host: Host = {
    id: ctx.ids.next('host'),
    clusterId: token.clusterId,
    name,
    address,
    state: 'connecting',
    stateSince: ctx.now,
    mode: 'normal',
    modeReason: null,
    publicKey,
    facts: null,
    datastores: [],
    networks: [],
    enrolledAt: ctx.now,
    ...soundHost,
  }
  const used: JoinToken = { ...token, usedAt: ctx.now, usedByHostId: host.id }
  const cluster = refOf(world.tables.cluster.get(token.clusterId)!)
  const body = { kind: 'host.enrolled', host: refOf(host), cluster, address } as const
  return accept([{ body, initiator: ctx.initiator, rows: [put('host', host), put('token', used)] }], {
    hostId: host.id,
  })
}

function checkEnrol(
  world: World,
  token: JoinToken | undefined,
  { name, publicKey }: EnrolInput,
  now: number,
): Refusal[] {
  const remedy = 'Make a new one in the dashboard: add a host.'
  const bad = (problem: string): Refusal => ({ code: 'invalid', field: 'join token', problem, remedy })
  if (!token || !world.tables.cluster.has(token.clusterId)) return [bad('it is not known')]
  const refusals: Refusal[] = []
  if (token.usedAt !== null) refusals.push(bad('it has been used'))
  else if (now >= token.expiresAt) refusals.push(bad('it has expired'))
  for (const host of world.tables.host.values()) {
    if (host.name === name) refusals.push({ code: 'name_taken', noun: 'host', name })
    if (host.publicKey === publicKey) {
      const problem = `it is the key of ${host.name}`
      refusals.push({ code: 'invalid', field: 'key', problem, remedy: 'Every agent makes a key of its own.' })
    }
  }
  return refusals
}

/** A line of history about an agent that was not listened to, or about two that claim to be one host. */
export function decideTurnedAway(
  world: World,
  { hostId, ...said }: { fault: AgentFault; name: string; why: string; count: number; hostId: string | null },
): Decision {
  const host = hostId ? world.tables.host.get(hostId) : undefined
  const body = { kind: 'host.refused', ...said, ...(host ? { host: refOf(host) } : {}) } as const
  return accept(
    [{ body, initiator: { kind: 'outside' }, severity: host ? 'error' : 'warning', rows: [] }],
    null,
  )
}
