import { type ClusterId, type ClusterPower, type HostPower, refOf, type World } from '@drover/model'
import { judgePower } from '@drover/planner'
import { loadMemory } from '../load/memory'
import { loadPicture } from '../load/picture'
import { loadRules } from '../load/rules'
import { hostsOf, numberOf, tasksOn } from '../world/find'
import { powerOf } from './change'
import { powerModelOf, wattsOf } from './watts'

/** Who sleeps in a cluster and why, and what keeps each of the others awake; all but what was drawn in the past. */
export function clusterPower(world: World, clusterId: ClusterId, now: number): Omit<ClusterPower, 'ledger'> {
  const cluster = world.tables.cluster.get(clusterId)!
  const settings = powerOf(cluster)
  const picture = loadPicture(world, cluster, now)
  const rules = loadRules(world, cluster)
  const verdict = picture
    ? judgePower(picture, rules, loadMemory(world, cluster, now), { holdPassed: true })
    : null
  const said = new Map<string, string>()
  for (const { host, text } of verdict?.stays ?? []) said.set(picture!.hosts[host]!.id, text)
  for (const { host, text } of verdict?.sleep?.sleep ?? [])
    said.set(picture!.hosts[host]!.id, `It could sleep: ${text}`)
  const needed = new Map(
    (verdict?.wake?.wake ?? []).map(({ host, text }) => [picture!.hosts[host]!.id, text] as const),
  )
  const hosts = hostsOf(world, cluster)
    .sort((a, b) => numberOf(a.id) - numberOf(b.id))
    .map((host): HostPower => {
      const { standby } = host
      const is = stateOf(world, host)
      const live = world.live.get(host.id)
      const { watts, savedWatts } = wattsOf(host, cluster, live?.usage ?? null)
      const awake = said.get(host.id) ?? defaultWords(settings.mode, picture !== null)
      const asleep = standby
        ? `${standby.why}${needed.has(host.id) ? ` It is needed now: ${needed.get(host.id)}` : ''}`
        : ''
      return {
        host: refOf(host),
        standby: is,
        sinceAt: standby?.at ?? host.stateSince,
        text: is === 'awake' ? awake : is === 'off' ? (host.proof?.text ?? 'It is off.') : asleep || awake,
        until: standby?.until ?? null,
        byHand: standby?.byHand ?? false,
        decisionId: standby?.decisionId ?? null,
        wake: host.wake ?? null,
        failed: standby?.failed ?? null,
        model: powerModelOf(host, cluster),
        watts,
        savedWatts,
      }
    })
  return {
    at: now,
    settings,
    hosts,
    held: (verdict?.held ?? []).map(({ text }) => text),
    watts: hosts.reduce((sum, { watts }) => sum + (watts ?? 0), 0),
    savedWatts: hosts.reduce((sum, { savedWatts }) => sum + (savedWatts ?? 0), 0),
  }
}

function defaultWords(mode: string, known: boolean): string {
  if (mode === 'off') return 'Saving power is switched off.'
  return known ? 'It is needed.' : 'It is not known yet what every host uses.'
}

function stateOf(
  world: World,
  host: Parameters<typeof wattsOf>[0] & { id: `host-${number}` },
): HostPower['standby'] {
  const kinds = tasksOn(world, host.id).map(({ kind }) => kind)
  if (kinds.includes('host.wake')) return 'waking'
  if (kinds.includes('host.sleep')) return 'falling asleep'
  if (host.mode === 'standby') return 'asleep'
  return host.state === 'fenced' ? 'off' : 'awake'
}
