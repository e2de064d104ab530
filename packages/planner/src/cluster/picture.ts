import { defaultBalanceSettings, defaultPowerSettings, type LoadPicture, type LoadRules } from '@drover/model'
import { indexed, lookUp, wrong } from './ids'
import type { ClusterExport } from './schema'

/** A cluster from a file, as live control would see it. */
export interface Restored {
  picture: LoadPicture
  rules: LoadRules
}

/** What an export says, as everything that plans takes it. Throws a sentence where the file names what it does not have. */
export function pictureOfExport(file: ClusterExport): Restored {
  const hostIndex = indexed(file.hosts, 'hosts')
  const vmIndex = indexed(file.vms, 'vms')
  const host = (id: string, where: string) => lookUp(hostIndex, id, 'host', where)
  const places = new Map(
    Object.entries(file.places).map(([key, ids]) => [key, ids.map((id) => host(id, `places.${key}`))]),
  )
  const placesOf = (key: string | null, where: string): number[] | null => {
    if (key === null) return null
    const found = places.get(key)
    if (!found) throw wrong(where, `there is no "${key}" in places`, 'Add it there, or write null: any host.')
    return found
  }
  const picture: LoadPicture = {
    at: file.exportedAt,
    clusterId: file.cluster.id,
    clusterName: file.cluster.name,
    hosts: file.hosts.map(({ datastores: _d, networks: _n, ...row }) => row as LoadPicture['hosts'][number]),
    vms: file.vms.map(({ datastores: _d, networks: _n, desired: _s, ...row }, i) => {
      const { host: at, towards, places: key, restarts, ...rest } = row
      return {
        ...(rest as Omit<LoadPicture['vms'][number], 'at' | 'towards' | 'eligible' | 'restartable'>),
        at: at === null ? -1 : host(at, `vms[${i}].host`),
        towards: towards === null ? -1 : host(towards, `vms[${i}].towards`),
        eligible: placesOf(key, `vms[${i}].places`),
        ...(restarts === undefined ? {} : { restartable: placesOf(restarts, `vms[${i}].restarts`) }),
      }
    }),
  }
  return { picture, rules: rulesOf(file, host, vmIndex) }
}

function rulesOf(
  { exportedAt, cluster, rules, settings }: ClusterExport,
  host: (id: string, where: string) => number,
  vms: ReadonlyMap<string, number>,
): LoadRules {
  const { balance, ha, power } = settings
  type Row = LoadRules['rules'][number]
  return {
    balance: { ...defaultBalanceSettings, mode: 'manual', level: null, ...balance },
    power: {
      ...defaultPowerSettings,
      mode: 'manual',
      ...power,
      hostIds: power.hosts as LoadRules['power']['hostIds'],
    },
    thresholds: [],
    rules: rules.map(({ vms: members, hosts, ...rest }, i): Row => {
      for (const [n, id] of members.entries()) lookUp(vms, id, 'VM', `rules[${i}].vms[${n}]`)
      for (const [n, one] of hosts.entries()) host(one.host, `rules[${i}].hosts[${n}].host`)
      const row = {
        ...rest,
        clusterId: cluster.id,
        vmIds: members,
        hosts: hosts.map(({ host: hostId, priority }) => ({ hostId, priority })),
        version: 1,
        createdAt: exportedAt,
      }
      return row as Row
    }),
    admission: { by: ha.by, hostFailures: ha.hostFailures, reservedShare: ha.reservedShare, action: 'warn' },
    overcommitMemory: ha.overcommitMemory,
  }
}
