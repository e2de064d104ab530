import { type ClusterId, type Host, type Readiness, refOf, sayList, type World } from '@drover/model'
import { devicesOf, isSoft, levelsOf } from '../fence/devices'
import { hostsOf } from '../world/find'
import { sharedDatastores } from './duties'
import { countsAsProof } from './evidence'

/** What makes a host's death provable, in points of a hundred, and what is said when it is missing. */
const points = { device: 40, tested: 30, second: 10, witness: 10, peers: 10 } as const

/** How sure it is that a host of the cluster that dies can be proven dead, and everything that is missing for that. */
export function readiness(world: World, clusterId: ClusterId): Readiness {
  const hosts = hostsOf(world, { id: clusterId }).filter(({ facts }) => facts !== null)
  const scored = hosts.map((host) => ofHost(world, host, hosts))
  const sum = scored.reduce((total, { score }) => total + score, 0)
  return { score: scored.length === 0 ? 0 : Math.round(sum / scored.length), hosts: scored }
}

function ofHost(world: World, host: Host, all: Host[]): Readiness['hosts'][number] {
  const missing: string[] = []
  let score = 0
  const check = (ok: boolean, worth: number, what: string) => {
    if (ok) score += worth
    else missing.push(what)
  }
  const levels = levelsOf(world, host.id)
  check(levels.length > 0, points.device, 'No fence device: add one.')
  const untested = devicesOf(world, host.id).filter((device) => !isSoft(device) && !device.lastTest?.ok)
  if (levels.length > 0)
    check(
      untested.length === 0,
      points.tested,
      `${sayList(untested.map(({ name }) => name))} did not pass the last test.`,
    )
  check(
    levels.length > 1 || countsAsProof(world.tables.cluster.get(host.clusterId)!, host),
    points.second,
    'Nothing else when its first device dies with it: add a second level, or a hardware watchdog.',
  )
  const shared = sharedDatastores(world)
  const mine = host.datastores.filter(({ datastoreId }) => shared.has(datastoreId))
  check(
    mine.length > 0,
    points.witness,
    'No datastore that another host has as well, so nobody can read its heartbeat.',
  )
  const others = all.filter((other) => other.id !== host.id && other.state === 'connected')
  check(others.length > 0, points.peers, 'No other host can be heard that could try to reach it.')
  return { host: refOf(host), score, missing }
}
