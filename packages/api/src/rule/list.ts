import { sayRule, violations } from '@drover/engine'
import type { Rule } from '@drover/model'
import { z } from 'zod'
import { clusterId } from '../schema/id'
import { auditor } from '../trpc'

/** A rule with its sentence, and how it is broken now (null: it holds). */
export interface ListedRule {
  rule: Rule
  sentence: string
  broken: string | null
}

/** Every rule, or those of a cluster, in the order in which they were made. */
export const list = auditor
  .input(z.object({ clusterId: clusterId.nullable().default(null) }).default({ clusterId: null }))
  .query(({ ctx, input }): ListedRule[] => {
    const { world } = ctx.control
    const clusters = input.clusterId ? [input.clusterId] : [...world.tables.cluster.keys()]
    const broken = new Map(
      clusters
        .flatMap((id) => violations(world, id as `cluster-${number}`))
        .map(({ rule, text }) => [rule.id, text]),
    )
    return [...world.tables.rule.values()]
      .filter((rule) => clusters.includes(rule.clusterId))
      .map((rule) => ({ rule, sentence: sayRule(world, rule), broken: broken.get(rule.id) ?? null }))
  })
