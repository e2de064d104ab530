import type { Connection } from '@drover/libvirt'
import { HypervisorError, type HypervisorFacts } from '../../port'
import type { Platform } from '../domain/write'
import { child, children, type Element, find, parseXml, textOf } from '../xml'
import { kvmWorks } from './accelerator'
import { readBridges } from './files'

export interface HostDescription {
  facts: HypervisorFacts
  platform: Omit<Platform, 'isBridge'>
}

/** What the host is; asked once, for it changes only with a reboot. */
export async function readFacts(
  connection: Connection,
  reservedMemoryBytes: number | null,
): Promise<HostDescription> {
  const [capabilitiesXml, node, libvirt, qemu] = await Promise.all([
    connection.host.capabilities({ deadlineMs: 60_000 }),
    connection.host.nodeInfo(),
    connection.host.libVersion(),
    connection.host.version(),
  ])
  const root = parseXml(capabilitiesXml)
  const cpu = find(root, 'host', 'cpu')
  const arch = textOf(cpu && child(cpu, 'arch'))
  const guest = children(root, 'guest').find(
    (g) => textOf(child(g, 'os_type')) === 'hvm' && child(g, 'arch')?.attributes.name === arch,
  )
  if (!guest) throw new HypervisorError('unsupported', `libvirt on this host has no emulator for ${arch}.`)
  const kvm = children(child(guest, 'arch')!, 'domain').find((d) => d.attributes.type === 'kvm')
  const emulator = textOf(find(guest, 'arch', 'emulator'))
  const accelerator = kvm && (await kvmWorks(emulator)) ? 'kvm' : 'tcg'
  const memoryBytes = node.memoryKib * 1024
  return {
    facts: {
      hypervisor: {
        kind: 'libvirt',
        version: versionText(libvirt),
        emulatorVersion: versionText(qemu),
        accelerator,
      },
      cpu: {
        model: textOf(cpu && child(cpu, 'model')) || node.model,
        vendor: textOf(cpu && child(cpu, 'vendor')),
        features: cpu ? children(cpu, 'feature').map((f) => f.attributes.name ?? '') : [],
        cores: node.cpus,
        mhz: node.mhz,
      },
      memoryBytes,
      reservedMemoryBytes: reservedMemoryBytes ?? Math.min(2 * 1024 ** 3, Math.floor(memoryBytes * 0.05)),
    },
    platform: { accelerator, emulator, arch, machine: newestMachine(guest) },
  }
}

/** Which of a VM's networks are bridges here; the others are libvirt's. */
export async function bridgesHere(known: string[] | null): Promise<(network: string) => boolean> {
  const bridges = new Set([...(await readBridges()), ...(known ?? []).filter((name) => /^br/.test(name))])
  return (network) => bridges.has(network)
}

/** `pc` is only a name for the newest versioned type; that one is written down. */
function newestMachine(guest: Element): string {
  const machines = children(child(guest, 'arch')!, 'machine')
  const alias = machines.find((m) => textOf(m) === 'pc')
  return alias?.attributes.canonical ?? (textOf(machines[0] ?? null) || 'pc')
}

function versionText({ major, minor, release }: { major: number; minor: number; release: number }): string {
  return `${major}.${minor}.${release}`
}
