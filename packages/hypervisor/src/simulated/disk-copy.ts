import type { DiskCopied, DiskReceiver } from '@drover/protocol'
import { HypervisorError, type OperationControl } from '../port'
import { copyBytes } from './copy'
import type { SimulatedDatacenter } from './datacenter'
import { checksum, type Disks } from './disks'
import type { SimulatedHost } from './parts'

interface Place {
  datacenter: SimulatedDatacenter
  host: SimulatedHost
}
/** `closing` fires when the agent's process ends; copies are its children. */
type Worker = Place & { closing: AbortSignal }

const datastoreBytesPerSecond = 400_000_000

/** Writes the copy beside its target first; the target appears only when it is whole. */
export async function cloneDisk(
  { datacenter, host, closing }: Worker,
  what: { sourcePath: string; targetPath: string; format: 'qcow2' | 'raw'; sizeBytes: number | null },
  control: OperationControl,
): Promise<DiskCopied> {
  const { disks } = datacenter
  const { life } = host
  const { file: source, close } = disks.openForReading(host, what.sourcePath)
  const part = `${what.targetPath}.part`
  try {
    const sizeBytes = what.sizeBytes ?? source.sizeBytes
    if (sizeBytes < source.sizeBytes) {
      throw new HypervisorError(
        'failed',
        `${what.sourcePath} has ${source.sizeBytes} bytes; it cannot shrink.`,
      )
    }
    const whole = { ...source, format: what.format, sizeBytes }
    disks.create(host, part, { ...whole, origin: 'unfinished' })
    await copyBytes(
      datacenter,
      source.fileBytes,
      () => datastoreBytesPerSecond / host.slowness,
      (fraction) => {
        checkPower(host, life)
        disks.get(host, part)
        datacenter.trip('clone', host.is.name, null, fraction)
      },
      either(control, closing),
    )
    Object.assign(disks.get(host, part), whole)
    disks.rename(host, part, what.targetPath)
    return { bytes: source.fileBytes, sha256: checksum(whole) }
  } catch (error) {
    if (!closing.aborted && host.on) removeIfPossible(disks, host, part)
    throw error
  } finally {
    close()
  }
}

export function receiveDisk(
  { datacenter, host }: Place,
  targetPath: string,
  sizeBytes: number,
  key: string,
): DiskReceiver {
  const part = { format: 'qcow2', sizeBytes, fileBytes: 0, origin: 'unfinished', counter: 0 } as const
  datacenter.disks.create(host, `${targetPath}.part`, { ...part })
  const port = datacenter.disks.openReceiver({
    host: host.is.name,
    life: host.life,
    targetPath,
    sizeBytes,
    key,
  })
  return { port }
}

export async function sendDisk(
  { datacenter, host, closing }: Worker,
  sourcePath: string,
  to: { address: string; port: number; key: string },
  control: OperationControl,
): Promise<DiskCopied> {
  const { disks } = datacenter
  const { life } = host
  const target = datacenter.hostByAddress(to.address)
  const receiver = disks.receivers.get(to.port)
  const gone = () => new HypervisorError('unreachable', `Nobody receives a disk at ${to.address}:${to.port}.`)
  if (!target || !receiver || receiver.host !== target.is.name || receiver.key !== to.key) throw gone()
  const { file: source, close } = disks.openForReading(host, sourcePath)
  const part = `${receiver.targetPath}.part`
  try {
    await copyBytes(
      datacenter,
      source.fileBytes,
      () => Math.min(host.is.linkBytesPerSecond, target.is.linkBytesPerSecond) / host.slowness,
      (fraction) => {
        checkPower(host, life)
        disks.get(host, sourcePath)
        datacenter.trip('send', host.is.name, null, fraction)
        const same = disks.receivers.get(to.port) === receiver && target.life === receiver.life
        if (!same || !datacenter.reachable(host.is.name, target.is.name)) throw gone()
        const sofar = disks.find(target, part)
        if (sofar) sofar.fileBytes = Math.round(source.fileBytes * fraction)
      },
      either(control, closing),
    )
    disks.create(target, part, { ...source })
    disks.receivers.delete(to.port)
    return { bytes: source.fileBytes, sha256: checksum(source) }
  } finally {
    close()
  }
}

/** Makes a received disk whole, once it is what was sent. */
export function commitDisk({ datacenter, host }: Place, targetPath: string, sha256: string): void {
  const { disks } = datacenter
  const part = disks.find(host, `${targetPath}.part`)
  if (!part) {
    const whole = disks.find(host, targetPath)
    if (whole && checksum(whole) === sha256) return
    throw new HypervisorError('not_found', `${host.is.name} has received no disk for ${targetPath}.`)
  }
  if (checksum(part) !== sha256) {
    throw new HypervisorError(
      'failed',
      `What ${host.is.name} received for ${targetPath} is not what was sent.`,
    )
  }
  disks.rename(host, `${targetPath}.part`, targetPath)
}

function removeIfPossible(disks: Disks, host: SimulatedHost, path: string): void {
  try {
    disks.remove(host, path)
  } catch {
    // Its datastore is unplugged: what is half made stays there.
  }
}

function checkPower(host: SimulatedHost, life: number): void {
  if (!host.on || host.life !== life || host.frozen)
    throw new HypervisorError('unreachable', `${host.is.name} is off.`)
}

function either(control: OperationControl, closing: AbortSignal): OperationControl {
  const signal = control.signal ? AbortSignal.any([control.signal, closing]) : closing
  return { onProgress: control.onProgress, signal }
}
