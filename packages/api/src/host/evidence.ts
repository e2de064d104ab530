import { lookAt } from '@drover/engine'
import type { HostEvidence } from '@drover/model'
import { refOf } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { hostId } from '../schema/id'
import { auditor } from '../trpc'

/** What is known of a host now from all four sides: its agent, its heartbeat on datastores, its power, its peers. */
export const evidence = auditor.input(z.object({ hostId })).query(({ ctx, input }): HostEvidence => {
  const { world } = ctx.control
  const host = found(world.tables.host.get(input.hostId), 'host', input.hostId)
  const { evidence, row } = lookAt(world, host, ctx.now())
  const finding = host.state === 'fenced' ? (host.proof?.text ?? 'It is off.') : row.why
  return {
    host: refOf(host),
    evidence,
    finding: host.state === 'connected' ? 'Its agent is heard.' : finding,
  }
})
