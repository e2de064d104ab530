import type { VmSpec } from '@drover/protocol'
import { child, children, type Element, find, parseXml, textOf } from '../xml'

/** What Drover knows of a domain's XML; the rest is libvirt's. */
export interface ParsedDomain {
  uuid: string
  /** The title when there is one: the name of a running domain cannot be changed, its title can. */
  name: string
  vcpus: number
  memoryBytes: number
  /** Writable disks in files, with their target (`vda`). */
  disks: { path: string; format: 'qcow2' | 'raw'; target: string }[]
  nics: VmSpec['nics']
  /** What keeps it from being moved while it runs. */
  bound?: string
}

export function parseDomain(xml: string): ParsedDomain {
  const root = parseXml(xml)
  const devices = child(root, 'devices')
  const bound = devices && boundBy(devices)
  return {
    ...(bound ? { bound } : {}),
    uuid: textOf(child(root, 'uuid')),
    name: textOf(child(root, 'title')) || textOf(child(root, 'name')),
    vcpus: vcpusOf(root),
    memoryBytes: bytesOf(child(root, 'memory')),
    disks: devices ? children(devices, 'disk').flatMap(diskOf) : [],
    nics: devices ? children(devices, 'interface').map(nicOf) : [],
  }
}

/** QEMU moves no guest that has a device or a folder of its host. */
function boundBy(devices: Element): string | null {
  const [device] = children(devices, 'hostdev')
  if (device) {
    const type = device.attributes.type?.toUpperCase()
    return `uses a ${type ? `${type} ` : ''}device of its host`
  }
  return children(devices, 'filesystem').length > 0 ? 'shares a folder of its host' : null
}

export function isWritableDisk(disk: Element): boolean {
  const device = disk.attributes.device ?? 'disk'
  return device === 'disk' && child(disk, 'readonly') === null && diskPath(disk) !== null
}

export function diskPath(disk: Element): string | null {
  const source = child(disk, 'source')
  return source?.attributes.file ?? source?.attributes.dev ?? null
}

function diskOf(disk: Element): ParsedDomain['disks'] {
  const path = diskPath(disk)
  if (!path || !isWritableDisk(disk)) return []
  const format = child(disk, 'driver')?.attributes.type === 'qcow2' ? 'qcow2' : 'raw'
  return [{ path, format, target: child(disk, 'target')?.attributes.dev ?? '' }]
}

function nicOf(nic: Element): VmSpec['nics'][number] {
  const { bridge, network, dev } = child(nic, 'source')?.attributes ?? {}
  return { network: network ?? bridge ?? dev ?? 'none', mac: child(nic, 'mac')?.attributes.address ?? '' }
}

function vcpusOf(root: Element): number {
  const vcpu = find(root, 'vcpu')
  return Math.max(1, Number(vcpu?.attributes.current ?? textOf(vcpu)) || 1)
}

const units: Record<string, number> = {
  b: 1,
  bytes: 1,
  KB: 1000,
  k: 1024,
  KiB: 1024,
  MB: 1e6,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  GB: 1e9,
  G: 1024 ** 3,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
}

function bytesOf(element: Element | null): number {
  return Math.round(Number(textOf(element)) * (units[element?.attributes.unit ?? 'KiB'] ?? 1024)) || 0
}
