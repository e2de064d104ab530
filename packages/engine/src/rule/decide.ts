import {
  type ChangeEvent,
  type ClusterId,
  type Refusal,
  type Rule,
  type RuleInput,
  refOf,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { given } from '../given'
import { drop, put } from '../world/rows'
import { checkVersion } from '../world/version'
import { ruleConflicts } from './conflicts'
import { sayRule } from './say'
import { checkInput } from './validate'

/** A new rule, unless it is not well formed or cannot hold beside the others; value: its id. */
export function decideCreateRule(world: World, input: RuleInput, ctx: Context): Decision<Rule['id']> {
  const cluster = world.tables.cluster.get(input.clusterId)
  if (!cluster) return refuse([{ code: 'not_found', noun: 'cluster', id: input.clusterId }])
  const refusals = refusalsOf(world, input)
  if (refusals.length > 0) return refuse(refusals)
  const rule: Rule = { ...fieldsOf(input), id: ctx.ids.next('rule'), version: 1, createdAt: ctx.now }
  const event: ChangeEvent = {
    body: { kind: 'rule.created', rule: refOf(rule), cluster: refOf(cluster), text: sayRule(world, rule) },
    initiator: ctx.initiator,
    rows: [put('rule', rule)],
  }
  return accept([event], rule.id)
}

/** Changes what is given of a rule, by the same conditions. */
export function decideChangeRule(
  world: World,
  {
    ruleId,
    changes,
    version,
  }: { ruleId: string; changes: Partial<Omit<RuleInput, 'clusterId'>>; version?: number },
  ctx: Context,
): Decision {
  const rule = world.tables.rule.get(ruleId)
  if (!rule) return refuse([{ code: 'not_found', noun: 'rule', id: ruleId }])
  const asked = given(changes)
  const input: RuleInput = { ...fieldsOf(rule), ...asked }
  const refusals = [
    ...checkVersion(`the rule "${rule.name}"`, rule, version),
    ...refusalsOf(world, input, rule),
  ]
  if (refusals.length > 0) return refuse(refusals)
  const fields = Object.keys(asked).filter(
    (field) => JSON.stringify(rule[field as keyof Rule]) !== JSON.stringify(input[field as keyof RuleInput]),
  )
  if (fields.length === 0) return accept([], null)
  const next: Rule = { ...rule, ...fieldsOf(input), version: rule.version + 1 }
  const event: ChangeEvent = {
    body: { kind: 'rule.changed', rule: refOf(next), fields, text: sayRule(world, next) },
    initiator: ctx.initiator,
    rows: [put('rule', next)],
  }
  return accept([event], null)
}

export function decideDeleteRule(world: World, { ruleId }: { ruleId: string }, ctx: Context): Decision {
  const rule = world.tables.rule.get(ruleId)
  if (!rule) return refuse([{ code: 'not_found', noun: 'rule', id: ruleId }])
  const body = { kind: 'rule.deleted', rule: refOf(rule) } as const
  return accept([{ body, initiator: ctx.initiator, rows: [drop('rule', rule.id)] }], null)
}

/**
 * What VMs and hosts that leave the inventory mean for rules: they leave the rules too, and a rule that is left with too
 * few to say anything ends.
 */
export function withoutGone(
  world: World,
  clusterId: ClusterId,
  gone: ReadonlySet<string>,
  told: Pick<ChangeEvent, 'initiator' | 'taskId'>,
): ChangeEvent[] {
  const ids = [...(world.index.rulesByCluster.get(clusterId) ?? [])]
  return ids.flatMap((id): ChangeEvent[] => {
    const rule = world.tables.rule.get(id)!
    const vmIds = rule.vmIds.filter((vm) => !gone.has(vm))
    const hosts = rule.hosts.filter(({ hostId }) => !gone.has(hostId))
    if (vmIds.length === rule.vmIds.length && hosts.length === rule.hosts.length) return []
    const tooFew = rule.kind === 'vm-vm' ? vmIds.length < 2 : vmIds.length === 0 || hosts.length === 0
    if (tooFew)
      return [{ ...told, body: { kind: 'rule.deleted', rule: refOf(rule) }, rows: [drop('rule', id)] }]
    const next: Rule = { ...rule, vmIds, hosts, version: rule.version + 1 }
    const fields = [
      ...(vmIds.length < rule.vmIds.length ? ['vmIds'] : []),
      ...(hosts.length < rule.hosts.length ? ['hosts'] : []),
    ]
    const text = sayRule(world, next)
    return [
      { ...told, body: { kind: 'rule.changed', rule: refOf(next), fields, text }, rows: [put('rule', next)] },
    ]
  })
}

function refusalsOf(world: World, input: RuleInput, rule?: Rule): Refusal[] {
  const invalid = checkInput(world, input, rule)
  return invalid.length > 0 ? invalid : ruleConflicts(world, input, rule?.id)
}

function fieldsOf(input: RuleInput): RuleInput {
  const { clusterId, name, kind, relation, strict, vmIds, hosts, enabled } = input
  return { clusterId, name: name.trim(), kind, relation, strict, vmIds, hosts, enabled }
}
