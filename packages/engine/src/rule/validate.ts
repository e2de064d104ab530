import type { Refusal, Rule, RuleInput, World } from '@drover/model'

const longestName = 100

/** Every reason why a rule is not well formed, each naming its field and what would mend it. */
export function checkInput(world: World, input: RuleInput, rule?: Rule): Refusal[] {
  const refusals: Refusal[] = []
  const invalid = (field: string, problem: string, remedy: string) =>
    refusals.push({ code: 'invalid', field, problem, remedy })
  const name = input.name.trim()
  if (name === '' || name.length > longestName)
    invalid('name', `"${name}" is no name for a rule`, `Give it between 1 and ${longestName} characters.`)
  const others = [...(world.index.rulesByCluster.get(input.clusterId) ?? [])].map(
    (id) => world.tables.rule.get(id)!,
  )
  if (others.some((other) => other.name === name && other.id !== rule?.id))
    refusals.push({ code: 'name_taken', noun: 'rule', name })
  const betweenVms = input.kind === 'vm-vm'
  const relations: Rule['relation'][] = betweenVms ? ['together', 'apart'] : ['on', 'notOn']
  if (!relations.includes(input.relation))
    invalid(
      'relation',
      `a rule ${betweenVms ? 'between VMs' : 'of VMs and hosts'} cannot be "${input.relation}"`,
      `Use "${relations.join('" or "')}".`,
    )
  if (new Set(input.vmIds).size < input.vmIds.length)
    invalid('vmIds', 'a VM is named twice', 'Name each VM once.')
  const fewest = betweenVms ? 2 : 1
  if (input.vmIds.length < fewest)
    invalid(
      'vmIds',
      `it names ${input.vmIds.length} of at least ${fewest} VMs`,
      'Add the VMs that it is about.',
    )
  for (const id of input.vmIds) {
    const vm = world.tables.vm.get(id)
    if (!vm) refusals.push({ code: 'not_found', noun: 'VM', id })
    else if (vm.clusterId !== input.clusterId)
      invalid('vmIds', `${vm.name} is in another cluster`, 'Rules hold within one cluster; leave it out.')
  }
  if (betweenVms && input.hosts.length > 0)
    invalid(
      'hosts',
      'a rule between VMs names no hosts',
      'Leave the hosts out, or make it a rule of VMs and hosts.',
    )
  if (!betweenVms && input.hosts.length === 0) invalid('hosts', 'it names no host', 'Name at least one host.')
  if (new Set(input.hosts.map(({ hostId }) => hostId)).size < input.hosts.length)
    invalid('hosts', 'a host is named twice', 'Name each host once.')
  for (const { hostId: id, priority } of input.hosts) {
    const host = world.tables.host.get(id)
    if (!host) refusals.push({ code: 'not_found', noun: 'host', id })
    else if (host.clusterId !== input.clusterId)
      invalid('hosts', `${host.name} is in another cluster`, 'Rules hold within one cluster; leave it out.')
    if (!Number.isInteger(priority) || priority < 0 || priority > 1_000)
      invalid(
        'hosts',
        `${priority} is no priority`,
        'Use a whole number from 0 to 1000; the highest comes first.',
      )
  }
  return refusals
}
