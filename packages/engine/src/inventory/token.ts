import { type JoinToken, refOf, sayInitiator, type World } from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { put } from '../world/rows'

/** A single-use permission for one agent to enrol. The secret stays with whoever asked; only its hash comes here. */
export function decideCreateToken(
  world: World,
  input: { clusterId: string; secretSha256: string; expiresInMs: number },
  ctx: Context,
): Decision<{ expiresAt: number }> {
  const cluster = world.tables.cluster.get(input.clusterId)
  if (!cluster) return refuse([{ code: 'not_found', noun: 'cluster', id: input.clusterId }])
  const row: JoinToken = {
    id: ctx.ids.next('token'),
    clusterId: cluster.id,
    secretSha256: input.secretSha256,
    createdBy: sayInitiator(ctx.initiator),
    createdAt: ctx.now,
    expiresAt: ctx.now + input.expiresInMs,
    usedAt: null,
    usedByHostId: null,
  }
  const body = { kind: 'token.created', cluster: refOf(cluster), expiresAt: row.expiresAt } as const
  return accept([{ body, initiator: ctx.initiator, rows: [put('token', row)] }], { expiresAt: row.expiresAt })
}
