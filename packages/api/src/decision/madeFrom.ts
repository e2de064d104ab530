import { unpackInputs } from '@drover/engine'
import { type Ref, sayBalance, sayPower, sayThreshold, type VmId } from '@drover/model'
import { z } from 'zod'
import { decisionId } from '../schema/id'
import { auditor } from '../trpc'
import { keptDecision } from './kept'

/** What a decision was made from, as far as people want to know. Memory in bytes, CPU in cores. */
export interface MadeFrom {
  at: number
  hosts: number
  vms: number
  /** The rules as they were then: `balance`, `power`, and each threshold. */
  rules: { id: string; name: string; version: number; text: string }[]
  /** What the VMs that it moves were expected to need, and on what that rests. */
  demand: { vm: Ref<VmId>; cpu: number; cpuHigh: number; memory: number; basis: string }[]
}

/** The inputs of a decision in short; null where they were not kept. */
export const madeFrom = auditor
  .input(z.object({ decisionId }))
  .query(async ({ ctx, input }): Promise<MadeFrom | null> => {
    const decision = await keptDecision(ctx, input.decisionId)
    const kept = unpackInputs(decision.inputs)
    if (!kept) return null
    const { picture, rules } = kept
    const hosts = new Map(picture.hosts.map(({ id, name }) => [id, name]))
    const nameOf = (id: (typeof picture.hosts)[number]['id']) => hosts.get(id) ?? 'a host that is gone'
    const moved = new Set<string>(decision.moves.map(({ vm }) => vm.id))
    return {
      at: picture.at,
      hosts: picture.hosts.length,
      vms: picture.vms.length,
      rules: [
        { id: 'balance', name: 'Balance', version: rules.balance.version, text: sayBalance(rules.balance) },
        {
          id: 'power',
          name: 'Power saving',
          version: rules.power.version,
          text: sayPower(rules.power, nameOf),
        },
        ...rules.thresholds
          .filter(({ enabled }) => enabled)
          .map((rule) => ({
            id: rule.id,
            name: rule.name,
            version: rule.version,
            text: sayThreshold(rule, nameOf),
          })),
      ],
      demand: picture.vms
        .filter(({ id }) => moved.has(id))
        .map(({ id, name, demand: { cpu, cpuHigh, memory, basis } }) => ({
          vm: { id, name },
          cpu,
          cpuHigh,
          memory,
          basis,
        })),
    }
  })
