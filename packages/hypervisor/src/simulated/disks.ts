import type { DatastoreReport } from '@drover/protocol'
import { HypervisorError } from '../port'
import type { SimulatedDatacenter } from './datacenter'
import { sha256 } from './definition'
import type { DatastoreDescription } from './description'
import type { DiskFile, SimulatedDatastore, SimulatedHost } from './parts'

const isImage = /^images\/[^/]+\.(qcow2|raw|img)$/

/** A disk waiting for its bytes from another host. */
export interface Receiver {
  host: string
  life: number
  targetPath: string
  sizeBytes: number
  key: string
}

/** All storage of the data centre, and who has what open. */
export class Disks {
  readonly datastores = new Map<string, SimulatedDatastore>()
  readonly receivers = new Map<number, Receiver>()
  /** Whether an open disk is locked, as QEMU does; false: storage that has lost its locks, or never had any. */
  locks = true
  /** How many copies read a file right now; a guest may not write to it meanwhile. */
  private readonly readers = new Map<DiskFile, number>()
  private nextPort = 49_152

  constructor(private readonly datacenter: SimulatedDatacenter) {}

  addDatastore(description: DatastoreDescription): void {
    const { uuid, name, capacityBytes } = description
    this.datastores.set(uuid, { uuid, name, capacityBytes, files: new Map(), beats: new Map() })
    for (const { path, ...image } of description.images) this.put(uuid, path, image)
  }

  /** Places a whole file, at the start of the world. Its origin is its path. */
  put(
    datastore: string,
    path: string,
    file: { format: 'qcow2' | 'raw'; sizeBytes: number; fileBytes: number },
  ): void {
    const { format, sizeBytes, fileBytes } = file
    const origin = `${datastore}/${path}`
    this.datastores.get(datastore)!.files.set(path, { format, sizeBytes, fileBytes, origin, counter: 0 })
  }

  /** The datastore that the host has mounted around a path, whether it can get at it or not. */
  datastoreAt(host: SimulatedHost, path: string): SimulatedDatastore | null {
    return this.locate(host, path)?.datastore ?? null
  }

  /** What lies there in truth, whether the host can get at it or not. */
  find(host: SimulatedHost, path: string): DiskFile | null {
    const place = this.locate(host, path)
    return place?.datastore.files.get(place.path) ?? null
  }

  /** Throws `not_found` with the path, `failed` when the host cannot get at it. */
  get(host: SimulatedHost, path: string): DiskFile {
    this.checkPlugged(host, path)
    const file = this.find(host, path)
    if (!file) throw new HypervisorError('not_found', `${host.is.name} has no disk ${path}.`)
    return file
  }

  /** Throws `not_found` when no datastore is mounted there, `no_space` when it does not fit. */
  create(host: SimulatedHost, path: string, file: DiskFile): void {
    const place = this.locate(host, path)
    if (!place) throw new HypervisorError('not_found', `${host.is.name} has no datastore at ${path}.`)
    this.checkPlugged(host, path)
    const free = freeBytes(place.datastore)
    if (file.fileBytes > free) {
      throw new HypervisorError(
        'no_space',
        `${place.datastore.name} has ${free} bytes free; ${path} needs ${file.fileBytes}.`,
      )
    }
    place.datastore.files.set(place.path, file)
  }

  remove(host: SimulatedHost, path: string): void {
    this.checkPlugged(host, path)
    const place = this.locate(host, path)
    place?.datastore.files.delete(place.path)
  }

  rename(host: SimulatedHost, from: string, to: string): void {
    const file = this.get(host, from)
    const place = this.locate(host, to)!
    this.remove(host, from)
    place.datastore.files.set(place.path, file)
  }

  /** Which VM has this file open for writing, and where. The lock dies with its host, and never before. */
  writer(file: DiskFile): { host: string; uuid: string } | null {
    for (const host of this.datacenter.hosts.values()) {
      for (const domain of host.domains.values()) {
        if (domain.guest && domain.disks.some((disk) => this.find(host, disk.path) === file)) {
          return { host: host.is.name, uuid: domain.uuid }
        }
      }
    }
    return null
  }

  /** Marks a file as being read by a copy; the returned function ends that. Throws `disk_locked` while it is written. */
  openForReading(host: SimulatedHost, path: string): { file: DiskFile; close: () => void } {
    const file = this.get(host, path)
    const writer = this.writer(file)
    if (writer) throw locked(path, writer.host)
    this.readers.set(file, (this.readers.get(file) ?? 0) + 1)
    let open = true
    const close = () => {
      if (!open) return
      open = false
      this.readers.set(file, this.readers.get(file)! - 1)
    }
    return { file, close }
  }

  /** Throws `not_found` or `disk_locked`, as a hypervisor does when it opens a VM's disks. */
  checkWritable(host: SimulatedHost, paths: string[]): void {
    for (const path of paths) {
      const file = this.get(host, path)
      const writer = this.locks ? this.writer(file) : null
      if (writer) throw locked(path, writer.host)
      if (this.readers.get(file)) throw locked(path, null)
    }
  }

  openReceiver(receiver: Receiver): number {
    const port = this.nextPort++
    for (const [other, old] of this.receivers) {
      if (old.host === receiver.host && old.targetPath === receiver.targetPath) this.receivers.delete(other)
    }
    this.receivers.set(port, receiver)
    return port
  }

  report(host: SimulatedHost): DatastoreReport[] {
    const there = host.is.mounts.filter(({ datastore }) => host.storage.get(datastore)?.how !== 'failing')
    return there.map((mount) => {
      const datastore = this.datastores.get(mount.datastore)!
      const images = [...datastore.files]
        .filter(([path]) => isImage.test(path))
        .map(([path, file]) => ({
          path: `${mount.path}/${path}`,
          name: path.slice('images/'.length).replace(/\.(qcow2|raw|img)$/, ''),
          format: file.format,
          sizeBytes: file.sizeBytes,
        }))
      const { uuid, name, capacityBytes } = datastore
      return { uuid, name, path: mount.path, capacityBytes, freeBytes: freeBytes(datastore), images }
    })
  }

  private checkPlugged(host: SimulatedHost, path: string): void {
    const datastore = host.storage.size > 0 ? this.datastoreAt(host, path) : null
    if (!datastore || !host.storage.has(datastore.uuid)) return
    throw new HypervisorError(
      'failed',
      `${host.is.name} cannot get at ${datastore.name}: I/O error at ${path}.`,
    )
  }

  private locate(host: SimulatedHost, path: string): { datastore: SimulatedDatastore; path: string } | null {
    for (const mount of host.is.mounts) {
      if (path.startsWith(`${mount.path}/`)) {
        return { datastore: this.datastores.get(mount.datastore)!, path: path.slice(mount.path.length + 1) }
      }
    }
    return null
  }
}

/** The same content gives the same checksum, and any write another one. */
export function checksum(file: DiskFile): string {
  return sha256(`${file.origin}#${file.counter}`)
}

function freeBytes(datastore: SimulatedDatastore): number {
  let free = datastore.capacityBytes
  for (const file of datastore.files.values()) free -= file.fileBytes
  return Math.max(0, free)
}

function locked(path: string, host: string | null): HypervisorError {
  const by = host === null ? 'a copy reads it' : `a VM on ${host} has it open`
  return new HypervisorError('disk_locked', `${path} is locked: ${by}.`)
}
