import {
  type Cluster,
  type FenceDevice,
  type Host,
  type HostId,
  sayDuration,
  sayList,
  type WhatIf,
  type World,
} from '@drover/model'
import { selfFencedAt } from '@drover/protocol'
import { countsAsProof } from '../../ha/evidence'
import { hostsOf } from '../../world/find'

/** A device that was never tested is expected to take so long. */
const untestedMs = 5_000

export interface Detection {
  /** By host: from the failure until it is certain that it runs nothing; null: only a person could say. */
  provenMs: ReadonlyMap<HostId, number | null>
  slowestMs: number | null
  stages: WhatIf['stages']
  warnings: string[]
}

/** How the loss of these hosts would be noticed, decided and proven. */
export function detectionOf(world: World, cluster: Cluster, dead: readonly Host[]): Detection {
  const provenMs = new Map<HostId, number | null>()
  const warnings: string[] = []
  if (dead.length === 0) return { provenMs, slowestMs: null, stages: [], warnings }
  const { suspectMs, decideMs, leaseMs } = cluster.ha
  const names = sayList(dead.map(({ name }) => name))
  const stages: WhatIf['stages'] = [
    {
      name: 'suspect',
      afterMs: suspectMs,
      text: `Nobody has heard of ${names} for ${sayDuration(suspectMs)}.`,
    },
    { name: 'decided', afterMs: decideMs, text: `The evidence is in: ${names} must be made sure of.` },
  ]
  const storm = isStorm(world, cluster, dead)
  if (storm)
    warnings.push(
      `${dead.length} of ${hostsOf(world, cluster).length} hosts at once look like trouble on this side: the storm guard would fence nobody until it is certain that they are off.`,
    )
  let at = decideMs
  for (const host of dead) {
    const device = storm ? null : firstDevices(world, host)
    const own = countsAsProof(cluster, host) ? selfFencedAt(0, leaseMs) : null
    if (device) {
      at = Math.max(at, decideMs)
      const ms = at + device.ms
      at = cluster.ha.fenceQuietMs > 0 ? at + cluster.ha.fenceQuietMs : at
      provenMs.set(host.id, ms)
      stages.push({ name: 'proven off', afterMs: ms, text: `${device.say} that ${host.name} is off.` })
      if (device.problem) warnings.push(device.problem)
    } else if (own !== null) {
      provenMs.set(host.id, own)
      stages.push({
        name: 'proven off',
        afterMs: own,
        text: `${host.name} has stopped its VMs itself by then, if it lost its datastores as well.`,
      })
    } else {
      provenMs.set(host.id, null)
      const why = storm ? 'nobody is fenced in a storm' : 'it has no fence device'
      warnings.push(
        `A person must confirm that ${host.name} is off before its VMs restart: ${why} and it does not fence itself.`,
      )
    }
  }
  const times = [...provenMs.values()].flatMap((ms) => ms ?? [])
  return { provenMs, slowestMs: times.length > 0 ? Math.max(...times) : null, stages, warnings }
}

/** What the devices of a host's first level would need; null when it has none that can prove anything. */
function firstDevices(world: World, host: Host): { say: string; ms: number; problem: string | null } | null {
  const all = [...(world.index.fencesByHost.get(host.id) ?? [])]
    .map((id) => world.tables.fence.get(id)!)
    .filter(({ enabled, agent }) => enabled && !agent.startsWith('soft_'))
  if (all.length === 0) return null
  const level = Math.min(...all.map((device) => device.level))
  const first = all.filter((device) => device.level === level)
  const failing = first.find(({ lastTest }) => lastTest && !lastTest.ok)
  const problem = failing
    ? `The last test of ${failing.name} failed (${failing.lastTest!.message}): ${host.name} might not be fenced by it.`
    : null
  return {
    say: `${sayList(first.map(({ name }) => name))} ${first.length === 1 ? 'says' : 'say'}`,
    ms: Math.max(...first.map((device) => deviceMs(device))),
    problem,
  }
}

/** Off, and the question whether it is: twice what the last test needed for the question alone. */
function deviceMs({ delayMs, lastTest }: FenceDevice): number {
  return delayMs + (lastTest ? 2 * lastTest.ms : untestedMs)
}

function isStorm(world: World, cluster: Cluster, dead: readonly Host[]): boolean {
  const { hosts, share } = cluster.ha.storm
  const counted = hostsOf(world, cluster).filter((host) => host.facts !== null && host.state !== 'fenced')
  return dead.length >= hosts && dead.length > share * counted.length
}
