import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiClient } from './client'
import { root, type Stack } from './stack'
import { until } from './wait'

export const demoClusters = 'a simulated data centre: 2 clusters, 12 hosts, about 150 VMs'

const agentDir = join(root, 'apps/agent')

/**
 * Sets the demo up where it is not yet (clusters, join tokens), and starts its hosts: the real agent, twelve times, over
 * the simulated hypervisor. Cut off half-way, the next start finishes it.
 */
export async function joinDemo(stack: Stack, dataDir: string): Promise<void> {
  const state = join(dataDir, 'simulated')
  const tokens = join(dataDir, 'simulated-tokens.json')
  const admin = stack.adminPassword === null ? null : await stack.admin()
  const described = describedWorld(stack)
  const hosts = hostsByCluster(described)
  if (admin) writeFileSync(tokens, JSON.stringify(await createClusters(admin, hosts)), { mode: 0o600 })
  stack.launch(
    'simulated hosts',
    [...stack.agent, '--dir', state, 'simulate', '--server', stack.agentUrl, '--tokens', tokens],
    agentDir,
  )
  if (!admin) return
  const all = [...hosts.values()].reduce((sum, count) => sum + count, 0)
  await until('The simulated hosts', 60_000, async () => {
    const { host } = (await inventoryOf(admin)).rows
    return host.filter(({ state }) => state === 'connected').length >= all ? true : null
  })
  await addFenceDevices(admin, join(state, 'power.sock'))
  await addTags(admin, described.vms)
  await addLoadRules(admin)
}

/** One host of the demo is overloaded: what to do about it is recommended, and waits for somebody to say so. */
async function addLoadRules(admin: ApiClient): Promise<void> {
  const clusterId = (await inventoryOf(admin)).rows.cluster.find(({ name }) => name === 'Production')?.id
  if (!clusterId) return
  await admin.mutate('cluster.changeBalance', { clusterId, changes: { mode: 'manual', holdMs: 60_000 } })
  await admin.mutate('threshold.create', {
    clusterId,
    name: 'hot hosts',
    metric: 'cpu',
    above: 0.8,
    forMs: 60_000,
    until: 0.65,
    tags: [],
    hostIds: [],
    windows: [],
    cooldownMs: 900_000,
    budget: { movesPerHour: 30, bytesPerHour: null },
    minGain: 0.02,
    automation: 'cluster',
    enabled: true,
  })
}

/** Hosts report no tags, for these are Drover's own: VMs get what their owners would have given them, to try rules by tag. */
async function addTags(admin: ApiClient, described: World['vms']): Promise<void> {
  const byUuid = new Map(described.map((each) => [each.uuid, each]))
  const vms = await until('The simulated VMs', 60_000, async () => {
    const { vm } = (await inventoryOf(admin)).rows
    return vm.filter(({ uuid }) => byUuid.has(uuid)).length >= described.length ? vm : null
  })
  const bare = vms.filter(({ uuid, tags }) => byUuid.has(uuid) && tags.length === 0)
  const tag = ({ id, uuid }: Inventory['rows']['vm'][number]): Promise<unknown> => {
    const { tags = [], notes = '' } = byUuid.get(uuid)!
    return admin.mutate('vm.change', { vmId: id, changes: { tags, notes } })
  }
  const together = 16
  for (let i = 0; i < bare.length; i += together) await Promise.all(bare.slice(i, i + together).map(tag))
}

/** Every simulated host has a management board; Drover is told how to reach it. */
async function addFenceDevices(admin: ApiClient, socket: string): Promise<void> {
  const { host, fence } = (await inventoryOf(admin)).rows
  for (const { id, name } of host.filter((each) => !fence.some(({ hostId }) => hostId === each.id)))
    await admin.mutate('fence.create', {
      hostId: id,
      name: `board-${name}`,
      agent: 'fence_drover_sim',
      params: { socket, plug: name },
    })
}

interface World {
  hosts: { cluster: string }[]
  vms: { uuid: string; tags?: string[]; notes?: string }[]
}

/** What the simulated hosts will be, as they describe themselves. */
function describedWorld(stack: Stack): World {
  const text = execFileSync(process.execPath, [...stack.agent, 'describe'], {
    cwd: agentDir,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  return JSON.parse(text)
}

/** How many hosts the demo has for each cluster. */
function hostsByCluster(world: World): Map<string, number> {
  const hosts = new Map<string, number>()
  for (const { cluster } of world.hosts) hosts.set(cluster, (hosts.get(cluster) ?? 0) + 1)
  return hosts
}

interface Inventory {
  rows: {
    datacenter: { id: string; name: string }[]
    cluster: { id: string; name: string }[]
    host: { id: string; name: string; state: string }[]
    fence: { hostId: string }[]
    vm: { id: string; uuid: string; tags: string[] }[]
  }
}

const inventoryOf = (admin: ApiClient): Promise<Inventory> => admin.query<Inventory>('inventory.snapshot')

async function createClusters(
  admin: ApiClient,
  hosts: Map<string, number>,
): Promise<Record<string, string[]>> {
  const datacenter = 'Berlin'
  const isIt = (d: { name: string }): boolean => d.name === datacenter
  const before = (await inventoryOf(admin)).rows
  if (!before.datacenter.some(isIt)) await admin.mutate('datacenter.create', { name: datacenter })
  const datacenterId = (await inventoryOf(admin)).rows.datacenter.find(isIt)!.id
  for (const name of hosts.keys()) {
    if (!before.cluster.some((c) => c.name === name))
      await admin.mutate('cluster.create', { datacenterId, name })
  }
  const { cluster } = (await inventoryOf(admin)).rows
  const tokens: Record<string, string[]> = {}
  for (const [name, count] of hosts) {
    const clusterId = cluster.find((c) => c.name === name)!.id
    const made = Array.from({ length: count }, () =>
      admin.mutate<{ token: string }>('host.createJoinToken', { clusterId }),
    )
    tokens[name] = (await Promise.all(made)).map(({ token }) => token)
  }
  return tokens
}
