import {
  type Cluster,
  type ClusterId,
  type ClusterPower,
  type HostPower,
  type LoadPicture,
  refOf,
  type World,
} from '@drover/model'
import type { PowerJob, PowerVerdict } from '@drover/planner'
import { type Asked, answerMs } from '../load/asked'
import { loadMemory } from '../load/memory'
import { loadPicture } from '../load/picture'
import { loadRules } from '../load/rules'
import { hostsOf, numberOf, tasksOn } from '../world/find'
import { powerOf } from './change'
import { powerModelOf, wattsOf } from './watts'

type Page = Omit<ClusterPower, 'ledger'>

/** Who sleeps in a cluster and why, and what keeps each of the others awake; all but what was drawn in the past. */
export function askPower(world: World, clusterId: ClusterId, now: number): Asked<PowerJob, Page> {
  const cluster = world.tables.cluster.get(clusterId)!
  const rules = loadRules(world, cluster)
  const picture = loadPicture(world, cluster, rules, now)
  if (!picture) return { job: null, answer: () => pageOf(world, cluster, null, null, now) }
  const memory = loadMemory(world, cluster, now)
  return {
    job: { kind: 'power', picture, rules, memory, budgetMs: answerMs },
    answer: (result) => pageOf(world, cluster, picture, result?.verdict ?? null, now),
  }
}

function pageOf(
  world: World,
  cluster: Cluster,
  picture: LoadPicture | null,
  verdict: PowerVerdict | null,
  now: number,
): Page {
  const settings = powerOf(cluster)
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
