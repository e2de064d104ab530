import type { Cluster, DatastoreId, Host, LoadPicture, NetworkId, Vm, World } from '@drover/model'
import type { ClusterExport } from '@drover/planner'
import { loadPicture } from '../load/picture'
import { loadRules } from '../load/rules'

/**
 * The state of a cluster as a file for the planner without a server (`drover-cluster/1`): all that planning goes by, no secrets,
 * no addresses. Where a host has not said yet what it uses, VMs count for what they were given, and the file says so.
 */
export function exportCluster(world: World, cluster: Cluster, now: number): ClusterExport {
  const rules = loadRules(world, cluster)
  const found = loadPicture(world, cluster, rules, now)
  const by = found ? rules.balance.by : 'configured-size'
  const picture = found ?? loadPicture(world, cluster, rules, now, { unheard: 'idle' })!
  const { places, keyOf } = placesOf(picture)
  const hostId = (index: number) => (index < 0 ? null : picture.hosts[index]!.id)
  const datastoreNames = (ids: readonly DatastoreId[]) => namesOf(world.tables.datastore, ids)
  const networkNames = (ids: readonly NetworkId[]) => namesOf(world.tables.network, ids)
  const { balance, power, admission, overcommitMemory } = rules
  return {
    format: 'drover-cluster/1',
    exportedAt: picture.at,
    cluster: { id: cluster.id, name: cluster.name },
    hosts: picture.hosts.map((row) => {
      const { datastores, networks } = world.tables.host.get(row.id) as Host
      const { wakeAfter: _, ...host } = row
      const there = datastores.filter(({ lostAt }) => lostAt === undefined)
      return {
        ...host,
        power: { ...row.power },
        datastores: datastoreNames(there.map(({ datastoreId }) => datastoreId)),
        networks: networkNames(networks),
      }
    }),
    vms: picture.vms.map(({ at, towards, eligible, restartable, ...row }) => {
      const { disks, nics, desired } = world.tables.vm.get(row.id) as Vm
      return {
        ...row,
        host: hostId(at),
        towards: hostId(towards),
        desired,
        datastores: datastoreNames(disks.map(({ datastoreId }) => datastoreId)),
        networks: networkNames(nics.map(({ networkId }) => networkId)),
        places: keyOf(eligible),
        ...(restartable === undefined ? {} : { restarts: keyOf(restartable) }),
      }
    }),
    places,
    rules: rules.rules.map(({ id, name, kind, relation, strict, enabled, vmIds, hosts }) => ({
      ...{ id, name, kind, relation, strict, enabled },
      // A VM that does not run has no part in a plan.
      vms: vmIds.filter((vm) => picture.vms.some((row) => row.id === vm)),
      hosts: hosts.map((one) => ({ host: one.hostId, priority: one.priority })),
    })),
    settings: {
      balance: {
        by,
        aim: balance.aim,
        spread: balance.spread,
        limit: balance.limit,
        weights: { ...balance.weights },
        minGain: balance.minGain,
        minShare: balance.minShare,
        cooldownMs: balance.cooldownMs,
      },
      ha: {
        by: admission.by,
        hostFailures: admission.hostFailures,
        reservedShare: admission.reservedShare,
        overcommitMemory,
      },
      power: {
        hosts: power.hostIds,
        minAwake: power.minAwake,
        reserve: power.reserve,
        fillTo: power.fillTo,
        wakeAbove: power.wakeAbove,
        dwellMs: power.dwellMs,
        wakeAheadMs: power.wakeAheadMs,
      },
    },
  }
}

/** Sets of hosts that VMs share, each written once. */
function placesOf({ hosts, vms }: LoadPicture): {
  places: ClusterExport['places']
  keyOf: (eligible: readonly number[] | null) => string | null
} {
  const places: ClusterExport['places'] = {}
  const keys = new Map<string, string>()
  for (const eligible of vms.flatMap((vm) => [vm.eligible, vm.restartable])) {
    if (!eligible || keys.has(eligible.join())) continue
    const key = `p${keys.size + 1}`
    keys.set(eligible.join(), key)
    places[key] = eligible.map((host) => hosts[host]!.id)
  }
  return { places, keyOf: (eligible) => (eligible ? keys.get(eligible.join())! : null) }
}

function namesOf<I>(table: ReadonlyMap<I, { name: string }>, ids: readonly I[]): string[] {
  return [...new Set(ids)].map((id) => table.get(id)?.name ?? String(id))
}
