import { demoDescription, SimulatedDatacenter, SimulatedHypervisor, VirtualClock } from '../simulated'
import { contract } from './suite'
import type { ContractHost } from './world'

contract('the simulated hypervisor', async () => {
  const clock = new VirtualClock()
  const description = demoDescription({ seed: 5, clusters: [{ name: 'C', prefix: 'c', hosts: 2, vms: 4 }] })
  const [second] = description.datastores.splice(1, 1)
  for (const host of description.hosts) {
    host.mounts = host.mounts.filter((mount) => mount.datastore !== second!.uuid)
    const local = host.mounts.at(-1)!
    local.path = `/srv/local-${host.name}`
  }
  description.vms = []
  const datacenter = SimulatedDatacenter.from(description, clock)
  const [a, b] = description.hosts
  let made = 0
  const host = (is: typeof a): ContractHost => ({
    hypervisor: new SimulatedHypervisor(datacenter, is!.name),
    address: is!.address,
    copyAddress: is!.address,
    reopen: () => new SimulatedHypervisor(datacenter, is!.name),
    oracle: null,
  })
  const sharedPath = a!.mounts[0]!.path
  return {
    a: host(a),
    b: host(b),
    sharedPath,
    localPath: { a: a!.mounts.at(-1)!.path, b: b!.mounts.at(-1)!.path },
    imagePath: `${sharedPath}/images/debian-12.qcow2`,
    network: 'services',
    memoryBytes: 1 << 30,
    bootMs: 20_000,
    spec: (name, disks) => ({
      uuid: `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`,
      name,
      vcpus: 1,
      memoryBytes: 1 << 30,
      disks,
      nics: [{ network: 'services', mac: `52:54:00:00:00:${String(made).padStart(2, '0')}` }],
    }),
    settle: (promise) => clock.until(promise),
    pass: (ms) => clock.advance(ms),
    counter: async (uuid) => datacenter.counter(uuid) ?? -1,
    close: async () => {},
  }
})
