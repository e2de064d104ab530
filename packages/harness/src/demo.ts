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
  const hosts = describedHosts(stack)
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

/** How many hosts the demo has for each cluster. */
function describedHosts(stack: Stack): Map<string, number> {
  const text = execFileSync(process.execPath, [...stack.agent, 'describe'], {
    cwd: agentDir,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  const description: { hosts: { cluster: string }[] } = JSON.parse(text)
  const hosts = new Map<string, number>()
  for (const { cluster } of description.hosts) hosts.set(cluster, (hosts.get(cluster) ?? 0) + 1)
  return hosts
}

interface Inventory {
  rows: {
    datacenter: { id: string; name: string }[]
    cluster: { id: string; name: string }[]
    host: { id: string; name: string; state: string }[]
    fence: { hostId: string }[]
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
