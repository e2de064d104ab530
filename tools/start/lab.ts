import { join } from 'node:path'
import { guestImageName, type Lab, type LabHost } from '@drover/lab'
import type { ApiClient } from './client'
import { root, type Stack } from './stack'
import { until } from './wait'

interface Inventory {
  rows: {
    datacenter: { id: string; name: string }[]
    cluster: { id: string; name: string }[]
    host: { id: string; name: string; state: string }[]
    datastore: { id: string; name: string; images: { path: string }[] }[]
    network: { id: string; name: string }[]
    vm: { id: string; name: string; power: string; hostId: string }[]
  }
}

export const inventoryOf = (client: ApiClient): Promise<Inventory> =>
  client.query<Inventory>('inventory.snapshot')

/** Enrols a lab host as an operator would: with the command that the dashboard shows, and the host's own options. */
export async function joinHost(
  stack: Stack,
  admin: ApiClient,
  clusterId: string,
  host: LabHost,
): Promise<void> {
  const { command } = await admin.mutate<{ command: string }>('host.createJoinToken', { clusterId })
  const shown = command.split(' ').slice(1)
  const own = ['--name', host.name, '--address', host.address, '--migration', 'tcp', '--network', 'br0']
  const storage = ['--datastore', 'shared=/srv/shared', '--datastore', `local-${host.number}=/srv/local`]
  const agent = [
    ...stack.agent.slice(0, -1),
    join(root, 'apps/agent', stack.agent.at(-1)!),
    '--dir',
    host.agentDir,
  ]
  await host.exec(process.execPath, [...agent, ...shown, ...own, ...storage, '--reserve-memory', '0'])
  await host.startAgent([process.execPath, ...agent, 'run'])
}

/** One datacenter and one cluster of the lab's hosts, and guests made by Drover itself from the guest image. */
export async function joinLab(
  stack: Stack,
  lab: Lab,
  guests: number,
  log: (line: string) => void = () => {},
): Promise<ApiClient> {
  const admin = await stack.admin()
  await admin.mutate('datacenter.create', { name: 'Lab' })
  const datacenterId = (await inventoryOf(admin)).rows.datacenter[0]!.id
  await admin.mutate('cluster.create', { datacenterId, name: 'lab' })
  const clusterId = (await inventoryOf(admin)).rows.cluster[0]!.id
  for (const host of lab.hosts) await joinHost(stack, admin, clusterId, host)
  await until('The lab hosts', 60_000, async () => {
    const { host, datastore } = (await inventoryOf(admin)).rows
    const all = host.filter(({ state }) => state === 'connected').length >= lab.hosts.length
    return all && datastore.some((one) => one.images.length > 0) ? true : null
  })
  log(`lab: ${lab.hosts.length} hosts have joined`)
  for (let number = 1; number <= guests; number++) {
    await createLabVm(admin, clusterId, {
      name: `guest-${number}`,
      host: lab.hosts[(number - 1) % lab.hosts.length]!.name,
    })
  }
  return admin
}

/** Creates a running VM from the guest image on the shared datastore and waits for it. */
export async function createLabVm(
  admin: ApiClient,
  clusterId: string,
  options: { name: string; host: string; datastore?: string },
): Promise<string> {
  const { rows } = await inventoryOf(admin)
  const image = rows.datastore.find((d) => d.name === 'shared')!
  await admin.mutate('vm.create', {
    clusterId,
    name: options.name,
    vcpus: 1,
    memoryBytes: 96 * 1024 ** 2,
    image: { datastoreId: image.id, path: image.images.find((i) => i.path.endsWith(guestImageName))!.path },
    datastoreId: rows.datastore.find((d) => d.name === (options.datastore ?? 'shared'))!.id,
    diskBytes: null,
    networkId: rows.network.find((n) => n.name === 'br0')!.id,
    hostId: rows.host.find((h) => h.name === options.host)!.id,
    notes: '',
    tags: [],
    powerOn: true,
  })
  return until(`VM ${options.name}`, 60_000, async () => {
    const vm = (await inventoryOf(admin)).rows.vm.find(({ name }) => name === options.name)
    return vm?.power === 'running' ? vm.id : null
  })
}
