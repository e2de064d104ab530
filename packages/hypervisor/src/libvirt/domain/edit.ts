import { child, children, type Element, find, parseXml, setText, writeXml } from '../xml'
import { diskPath, isWritableDisk } from './parse'

/** The same definition with its writable disks elsewhere, by position. */
export function withDiskPaths(xml: string, paths: string[]): string {
  return withDisks(xml, (_path, index) => paths[index])
}

/** The same definition with some of its disks elsewhere, by path. */
export function withMovedDisks(xml: string, moves: { sourcePath: string; targetPath: string }[]): string {
  return withDisks(xml, (path) => moves.find((move) => move.sourcePath === path)?.targetPath)
}

/** The same definition with other vCPUs or memory, as much as can be at the next start. */
export function withSize(xml: string, size: { vcpus: number | null; memoryBytes: number | null }): string {
  const root = parseXml(xml)
  const vcpu = child(root, 'vcpu')
  if (size.vcpus !== null && vcpu) {
    setText(vcpu, String(size.vcpus))
    delete vcpu.attributes.current
    // Lists and topologies of the old number would contradict the new one.
    root.children = root.children.filter((node) => typeof node === 'string' || node.name !== 'vcpus')
    const cpu = child(root, 'cpu')
    if (cpu)
      cpu.children = cpu.children.filter((node) => typeof node === 'string' || node.name !== 'topology')
  }
  if (size.memoryBytes !== null) {
    for (const name of ['memory', 'currentMemory']) {
      const element = child(root, name)
      if (!element) continue
      setText(element, String(Math.floor(size.memoryBytes / 1024)))
      element.attributes = { unit: 'KiB' }
    }
  }
  return writeXml(root)
}

export function withoutTitle(xml: string): string {
  const root = parseXml(xml)
  root.children = root.children.filter((node) => typeof node === 'string' || node.name !== 'title')
  return writeXml(root)
}

function withDisks(xml: string, place: (path: string, index: number) => string | undefined): string {
  const root = parseXml(xml)
  const disks = children(find(root, 'devices') ?? root, 'disk').filter(isWritableDisk)
  disks.forEach((disk, index) => {
    const to = place(diskPath(disk)!, index)
    if (to !== undefined) setPath(disk, to)
  })
  return writeXml(root)
}

function setPath(disk: Element, path: string): void {
  const { file, ...rest } = child(disk, 'source')!.attributes
  child(disk, 'source')!.attributes = file === undefined ? { ...rest, dev: path } : { ...rest, file: path }
  // What libvirt found behind the old file says nothing about the new one.
  disk.children = disk.children.filter((node) => typeof node === 'string' || node.name !== 'backingStore')
}
