import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { release } from 'node:os'
import { join, resolve } from 'node:path'
import { labImpossible } from '@drover/harness/system'
import { guestImage } from './guest/image'
import { createProbe } from './guest/probe'
import { createHost } from './host/host'
import { labNetwork, layNetwork, removeNetwork } from './network'
import { cacheDir, labsDir } from './paths'
import { startedAt } from './processes'
import {
  claimIndex,
  isOrphan,
  type LabRecord,
  labRunDir,
  removeRecord,
  runningLabs,
  writeRecord,
} from './registry'
import type { Lab, LabHost, LabOptions } from './types'

/** The image's name on the shared datastore, and on each host's own. */
export const guestImageName = 'lab-guest.qcow2'

/**
 * A data centre that does not exist yet; `up()` makes it. Clears labs away whose process has died, and an earlier one of
 * the same name. Throws, with the remedy, when this machine cannot have one.
 */
export async function createLab(options: LabOptions = {}): Promise<Lab> {
  const impossible = labImpossible()
  if (impossible) throw new Error(`${impossible}. Install with: npx tsx packages/harness/src/system.ts`)
  const { name = 'test', hosts = 3, owner = 'process', keep = false } = options
  if (!/^[a-z0-9-]{1,20}$/.test(name))
    throw new Error(`A lab's name is 1–20 of a–z, 0–9 and "-"; not "${name}"`)
  for (const record of runningLabs()) {
    if (!isOrphan(record) && record.name !== name) continue
    if (record.owner && !isOrphan(record))
      throw new Error(`Lab "${name}" belongs to process ${record.owner.pid}`)
    await labOf(record).destroy()
  }
  const dir = resolve(options.dir ?? join(labsDir, name))
  const record: LabRecord = { name, index: claimIndex(), dir, hosts, keep }
  if (owner === 'process') record.owner = { pid: process.pid, startedAt: startedAt(process.pid) }
  writeRecord(record)
  const lab = labOf(record, options.log)
  if (options.watchdogs) await Promise.all(lab.hosts.map((host) => host.fitWatchdog()))
  return lab
}

/** A lab that runs already, made by any process. Throws when there is none of that name. */
export function openLab(name: string, log?: LabOptions['log']): Lab {
  const record = runningLabs().find((one) => one.name === name)
  if (!record) throw new Error(`No lab "${name}" is up. Start one: npx tsx lab/src/main.ts up`)
  return labOf(record, log)
}

function labOf(record: LabRecord, log: (line: string) => void = () => {}): Lab {
  const { name, index, dir } = record
  const network = labNetwork(index, name)
  const guests = createProbe(network.vmNamespace)
  const sharedDir = join(dir, 'shared')
  const peers = Array.from({ length: record.hosts }, (_, i) => ({
    name: `lab-${i + 1}`,
    address: `${network.managementPrefix}.${11 + i}`,
  }))
  const hosts: LabHost[] = peers.map((peer, i) =>
    createHost({
      labName: name,
      network,
      runDir: join(labRunDir(index), peer.name),
      sharedDir,
      settings: {
        ...peer,
        number: i + 1,
        dir: join(dir, peer.name),
        peers: [{ name: 'control', address: `${network.managementPrefix}.1` }, ...peers],
        labIndex: index,
        capabilities: capabilitiesCache(),
      },
    }),
  )

  async function up(): Promise<void> {
    const image = await guestImage(log)
    log('lab: laying the network')
    await removeNetwork(network)
    await layNetwork(network)
    for (const datastore of [sharedDir, ...hosts.map((host) => host.localDir)]) {
      for (const part of ['images', 'vms']) mkdirSync(join(datastore, part), { recursive: true })
      await copyFile(image, join(datastore, 'images', guestImageName))
    }
    log(`lab: powering on ${hosts.map((host) => host.name).join(', ')}`)
    // Without a cache every host would ask QEMU for seconds what it can do; so the first asks for all.
    if (!existsSync(capabilitiesCache())) {
      await hosts[0]!.powerOn()
      await rememberCapabilities(hosts[0]!)
    }
    await Promise.all(hosts.map((host) => host.powerOn()))
    log(`lab: up, control can listen at ${network.managementPrefix}.1`)
  }

  async function destroy(): Promise<void> {
    await guests.close()
    for (const host of hosts) {
      await host.powerOff()
      await host.bmc.stop()
    }
    await removeNetwork(network)
    if (!record.keep) rmSync(dir, { recursive: true, force: true })
    removeRecord(index)
  }

  return {
    name,
    index,
    dir,
    hosts,
    controlAddress: `${network.managementPrefix}.1`,
    sharedDir,
    guests,
    up,
    destroy,
    host: (which) => {
      const found = hosts.find((host) => host.number === which || host.name === which)
      if (!found)
        throw new Error(`The lab has no host ${which}; it has ${hosts.map((one) => one.name).join(', ')}`)
      return found
    },
    whereIs: (vm) =>
      hosts
        .flatMap((host) => host.qemuProcesses())
        .filter((process) => process.vmName === vm || process.uuid === vm),
  }
}

/** libvirt believes its cache while programs and kernel are the ones that it asked; so the name has their identity. */
function capabilitiesCache(): string {
  const programs = ['/usr/bin/qemu-system-x86_64', '/usr/sbin/libvirtd']
  const identity = programs.map((path) => {
    const { ctimeMs, size } = statSync(path)
    return [path, ctimeMs, size]
  })
  const key = createHash('sha256')
    .update(JSON.stringify([identity, release()]))
    .digest('hex')
    .slice(0, 16)
  return join(cacheDir, `capabilities-${key}`)
}

async function rememberCapabilities(host: LabHost): Promise<void> {
  await host.virsh('domcapabilities', '--virttype', 'qemu')
  const work = mkdtempSync(join(cacheDir, 'building-'))
  cpSync(join(host.dir, 'cache/qemu/capabilities'), work, { recursive: true, preserveTimestamps: true })
  if (existsSync(capabilitiesCache())) rmSync(work, { recursive: true })
  else renameSync(work, capabilitiesCache())
}
