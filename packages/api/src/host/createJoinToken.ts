import { z } from 'zod'
import { initiatorOf } from '../act'
import { joinCommand } from '../join'
import { granted } from '../refused'
import { clusterId } from '../schema/id'
import { admin } from '../trpc'

const input = z.object({ clusterId })

export interface JoinTokenMade {
  token: string
  /** To be run on the host. */
  command: string
  expiresAt: number
}

/** Lets one host join the cluster within the hour. The token is shown once and kept only as a hash. */
export const createJoinToken = admin.input(input).mutation(async ({ ctx, input }): Promise<JoinTokenMade> => {
  const answer = await ctx.control.createJoinToken(initiatorOf(ctx), input.clusterId)
  const { token, expiresAt } = granted(answer)
  return { token, expiresAt, command: joinCommand(ctx.about, token) }
})
