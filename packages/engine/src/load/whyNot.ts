import {
  type Host,
  isActive,
  type LoadWhyNot,
  type Refusal,
  refOf,
  sayDuration,
  sayPercent,
  sayRefusals,
  type Vm,
  type World,
} from '@drover/model'
import { restMs, spikingHosts, weigh } from '@drover/planner'
import { ruleNotes } from '../rule/check'
import { checkRoute, checkVm } from '../vm/targets'
import { hostRef } from '../world/find'
import { loadPicture } from './picture'
import { loadRules } from './rules'

type Reason = LoadWhyNot['reasons'][number]

const ofRoom = new Set<Refusal['code']>(['memory_short', 'too_many_vcpus', 'datastore_short'])

/** Why this VM is not on this host: what makes it impossible, what rules say, and what loads would come to. */
export function whyNot(world: World, vm: Vm, host: Host, now: number): LoadWhyNot {
  const source = hostRef(world, vm.hostId)
  const about = { vm: refOf(vm), host: refOf(host) }
  if (vm.hostId === host.id)
    return {
      ...about,
      verdict: 'there',
      text: `${vm.name} is on ${host.name}.`,
      reasons: [],
      source: null,
      target: null,
    }
  const hard = [
    ...checkVm(world, vm),
    ...checkRoute(world, vm, host, isActive(vm) ? 'live' : 'cold', null).refusals,
  ]
  const reasons: Reason[] = hard.map((refusal) => ({
    about: refusal.code === 'rule_forbids' ? 'rule' : ofRoom.has(refusal.code) ? 'room' : 'fact',
    text: sayRefusals([refusal]),
  }))
  for (const note of ruleNotes(world, vm, host))
    reasons.push({ about: 'rule', text: `A rule that should hold speaks against it: ${note}` })
  const cluster = world.tables.cluster.get(vm.clusterId)!
  const rules = loadRules(world, cluster)
  const picture = loadPicture(world, cluster, rules, now, { loadsOnly: true })
  const at = picture?.vms.findIndex(({ id }) => id === vm.id) ?? -1
  const to = picture?.hosts.findIndex(({ id }) => id === host.id) ?? -1
  const loads: Reason[] = []
  let weighed: ReturnType<typeof weigh> | null = null
  if (!picture) loads.push({ about: 'fact', text: 'It is not known yet what every host uses.' })
  else if (at >= 0 && to >= 0 && picture.vms[at]!.at >= 0) {
    weighed = weigh(picture, rules, at, to)
    for (const text of weighed.over) loads.push({ about: 'limit', text: `${text}.` })
    const row = picture.vms[at]!
    const { fixed } = row
    const over = spikingHosts(picture, rules).has(row.at)
    const rest = restMs(row, now, rules.balance.cooldownMs, over)
    if (fixed) loads.push({ about: 'left alone', text: `Rules leave ${vm.name} where it is: ${fixed}.` })
    else if (rest > 0)
      loads.push({
        about: 'left alone',
        text: `${vm.name} was moved lately and is left alone for another ${sayDuration(rest)}.`,
      })
    if (weighed.gain < rules.balance.minGain)
      loads.push({ about: 'gain', text: sayGain(vm, host, source.name, weighed) })
  }
  // What cannot be done comes first; loads matter only where it could.
  const all = [
    ...reasons.filter(({ about: kind }) => kind === 'fact'),
    ...reasons.filter(({ about: kind }) => kind === 'rule'),
    ...reasons.filter(({ about: kind }) => kind === 'room'),
    ...loads,
  ]
  const first = all[0]
  return {
    ...about,
    verdict: first ? 'no' : 'would help',
    text: first?.text ?? sayHelp(vm, host, source.name, weighed),
    reasons: all,
    source: weighed ? { host: source, ...weighed.source } : null,
    target: weighed?.target ?? null,
  }
}

function sayChange(
  host: string,
  { before, after }: { before: { cpu: number; memory: number }; after: { cpu: number; memory: number } },
): string {
  return `${host} would go from ${sayPercent(before.cpu)} to ${sayPercent(after.cpu)} of CPU and from ${sayPercent(before.memory)} to ${sayPercent(after.memory)} of memory`
}

function sayGain(
  vm: Vm,
  host: Host,
  source: string,
  { source: from, target, gain }: ReturnType<typeof weigh>,
): string {
  const what = gain > 0 ? 'better loads by too little' : 'better nothing'
  return `Moving ${vm.name} would ${what}: ${sayChange(source, from)}, ${sayChange(host.name, target)}.`
}

function sayHelp(vm: Vm, host: Host, source: string, weighed: ReturnType<typeof weigh> | null): string {
  if (!weighed) return `Nothing speaks against ${vm.name} on ${host.name}.`
  return `It could, and loads would be more even: ${sayChange(source, weighed.source)}, ${sayChange(host.name, weighed.target)}.`
}
