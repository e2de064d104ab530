import { join } from 'node:path'
import { labImpossible } from '@drover/harness/system'
import { createLab, guestAddress, guestImageName, guestMac, type LabHost } from '@drover/lab'
import type { Clock } from '../clock'
import { LibvirtHypervisor } from '../libvirt'
import { contract } from './suite'
import type { ContractHost, ContractWorld } from './world'

const wallClock: Clock = {
  now: () => Date.now(),
  setTimer(ms, fn) {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
}

/**
 * Against real libvirtds and real guests. The adapters run outside the lab's hosts and reach them by their sockets; the
 * datastores have the same paths inside and outside.
 */
async function makeWorld(): Promise<ContractWorld> {
  const lab = await createLab({ name: 'contract', hosts: 2 })
  await lab.up()
  const open: LibvirtHypervisor[] = []
  const macs = new Map<string, string>()
  let made = 0

  const openAdapter = (host: LabHost) => {
    const hypervisor = new LibvirtHypervisor({
      socketPath: host.libvirtSocketPath,
      migration: 'tcp',
      networks: ['br0'],
      datastores: [
        { name: 'shared', path: lab.sharedDir },
        { name: `${host.name}-local`, path: host.localDir },
      ],
      reservedMemoryBytes: null,
      clock: wallClock,
      log: { warn: (message) => console.warn(message) },
    })
    open.push(hypervisor)
    return hypervisor
  }
  const contractHost = (host: LabHost): ContractHost => ({
    hypervisor: openAdapter(host),
    address: host.address,
    copyAddress: '127.0.0.1',
    reopen: () => openAdapter(host),
    oracle: {
      state: async (name) => (await host.virsh('domstate', name)).trim(),
      uuids: async () => (await host.virsh('list', '--all', '--uuid')).split(/\s+/).filter(Boolean),
      memoryBytes: async (name) => {
        const [, kib] = /Max memory:\s+(\d+) KiB/.exec(await host.virsh('dominfo', name)) ?? []
        return Number(kib) * 1024
      },
    },
  })
  return {
    a: contractHost(lab.host(1)),
    b: contractHost(lab.host(2)),
    sharedPath: lab.sharedDir,
    localPath: { a: lab.host(1).localDir, b: lab.host(2).localDir },
    imagePath: join(lab.sharedDir, 'images', guestImageName),
    network: 'br0',
    memoryBytes: 96 * 1024 ** 2,
    bootMs: 40_000,
    spec: (name, disks) => {
      const number = ++made
      const uuid = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
      macs.set(uuid, guestMac(2, 10 + number))
      return {
        uuid,
        name,
        vcpus: 1,
        memoryBytes: 96 * 1024 ** 2,
        disks,
        nics: [{ network: 'br0', mac: macs.get(uuid)! }],
      }
    },
    settle: (promise) => promise,
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    counter: async (uuid) => {
      const status = await lab.guests.status(guestAddress(macs.get(uuid)!)).catch(() => null)
      return status?.diskCounter ?? -1
    },
    close: async () => {
      for (const hypervisor of open) await hypervisor.close()
      await lab.destroy()
    },
  }
}

contract('libvirt', makeWorld, { skip: Boolean(labImpossible()) })
