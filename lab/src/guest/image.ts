import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { unpackPackage } from '@drover/harness/system'
import { cacheDir, labSource } from '../paths'
import { run } from '../run'
import { diskBytes, ringBytes, ringOffset } from './ring'

const bootOffset = 1 << 20
const sector = 512

/** In the order in which they need each other. */
const modules = [
  'drivers/virtio/virtio_ring',
  'drivers/virtio/virtio',
  'drivers/virtio/virtio_pci_legacy_dev',
  'drivers/virtio/virtio_pci_modern_dev',
  'drivers/virtio/virtio_pci',
  'drivers/block/virtio_blk',
  'net/core/failover',
  'drivers/net/net_failover',
  'drivers/net/virtio_net',
  'drivers/virtio/virtio_balloon',
  'drivers/char/hw_random/virtio-rng',
  'drivers/acpi/button',
  'drivers/input/evdev',
]

/** Spares the emulated processor what only real hardware needs. */
const bootConfig = `DEFAULT guest
PROMPT 0
TIMEOUT 0
NOESCAPE 1
LABEL guest
  KERNEL /vmlinuz
  INITRD /initrd
  APPEND console=tty0 console=ttyS0 quiet panic=1 mitigations=off nokaslr no_timer_check lpj=4000000
`

/**
 * The guest as a disk image that boots by itself, so that any VM created from it is the lab's guest. Built once for
 * the sources it is made of, and kept. Gives its path; throws when a tool or Debian's kernel cannot be had.
 */
export async function guestImage(log: (line: string) => void = () => {}): Promise<string> {
  const sources = readdirSync(join(labSource, 'guest')).sort()
  const key = createHash('sha256')
  for (const name of sources) key.update(name).update(readFileSync(join(labSource, 'guest', name)))
  key.update(JSON.stringify([modules, bootConfig, bootOffset, diskBytes, ringOffset]))
  const path = join(cacheDir, `guest-${key.digest('hex').slice(0, 16)}.qcow2`)
  if (existsSync(path)) return path

  mkdirSync(cacheDir, { recursive: true })
  const kernel = fetchKernel(log)
  log('lab: building the guest image')
  const work = mkdtempSync(join(cacheDir, 'building-'))
  try {
    await compile(work)
    await packInitrd(work, kernel)
    await writeDisk(work, kernel)
    await run('qemu-img', ['convert', '-O', 'qcow2', 'disk.raw', 'disk.qcow2'], { cwd: work })
    renameSync(join(work, 'disk.qcow2'), path)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return path
}

/** Debian's kernel for clouds, unpacked from its package. Gives the directory that has boot/ and lib/. */
function fetchKernel(log: (line: string) => void): string {
  const dir = join(cacheDir, 'kernel')
  if (existsSync(dir)) return dir
  log('lab: fetching the kernel for guests')
  const work = mkdtempSync(join(cacheDir, 'building-'))
  try {
    unpackPackage('linux-image-cloud-amd64', work, /Depends: (linux-image-\S+-cloud-amd64)/)
    if (!existsSync(dir)) renameSync(work, dir)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return dir
}

const kernelFile = (kernel: string) => {
  const name = readdirSync(join(kernel, 'boot')).find((entry) => entry.startsWith('vmlinuz-'))
  if (!name) throw new Error(`No kernel in ${kernel}. Remove that directory, and it is fetched again.`)
  return name
}

async function compile(work: string): Promise<void> {
  const sources = ['init.c', 'ring.c', 'load.c', 'network.c'].map((name) => join(labSource, 'guest', name))
  const flags = ['-O2', '-static', '-s', '-Wall', '-Wextra', '-Wno-return-type']
  await run('gcc', [...flags, '-o', join(work, 'init'), ...sources, '-lpthread'])
}

/** Not compressed: unpacking costs an emulated processor more than reading. */
async function packInitrd(work: string, kernel: string): Promise<void> {
  const root = join(work, 'root')
  mkdirSync(join(root, 'modules'), { recursive: true })
  mkdirSync(join(root, 'dev'))
  copyFileSync(join(work, 'init'), join(root, 'init'))
  const version = kernelFile(kernel).slice('vmlinuz-'.length)
  const names = modules.map((path) => path.split('/').at(-1)!)
  for (const [i, path] of modules.entries()) {
    const file = join(kernel, 'lib/modules', version, 'kernel', `${path}.ko`)
    copyFileSync(file, join(root, 'modules', `${names[i]}.ko`))
  }
  writeFileSync(join(root, 'modules/order'), names.join('\n'))
  const files = ['.', 'dev', 'init', 'modules', 'modules/order', ...names.map((name) => `modules/${name}.ko`)]
  await run('cpio', ['-o', '--quiet', '-H', 'newc', '-O', join(work, 'initrd')], {
    cwd: root,
    input: `${files.join('\n')}\n`,
  })
}

/** A master boot record, a FAT partition with boot loader, kernel and initrd, and the partition of the ring. */
async function writeDisk(work: string, kernel: string): Promise<void> {
  const disk = join(work, 'disk.raw')
  const head = Buffer.alloc(sector)
  readFileSync('/usr/lib/syslinux/mbr/mbr.bin').copy(head)
  writePartition(head, 0, { active: true, type: 0x0e, offset: bootOffset, bytes: ringOffset - bootOffset })
  writePartition(head, 1, { active: false, type: 0xda, offset: ringOffset, bytes: ringBytes })
  head.writeUInt16LE(0xaa55, 510)
  writeFileSync(disk, head)
  await run('truncate', ['-s', String(diskBytes), disk])

  const fat = `${disk}@@${bootOffset}`
  const sectors = (ringOffset - bootOffset) / sector
  const geometry = ['-T', String(sectors), '-h', '64', '-s', '32', '-H', String(bootOffset / sector)]
  writeFileSync(join(work, 'syslinux.cfg'), bootConfig)
  await run('mformat', ['-i', fat, ...geometry, '::'])
  await run('syslinux', ['--install', '--offset', String(bootOffset), disk])
  await run('mcopy', ['-i', fat, join(kernel, 'boot', kernelFile(kernel)), '::vmlinuz'])
  await run('mcopy', ['-i', fat, join(work, 'initrd'), join(work, 'syslinux.cfg'), '::'])
}

interface Partition {
  active: boolean
  type: number
  offset: number
  bytes: number
}

function writePartition(head: Buffer, index: number, partition: Partition): void {
  const at = 446 + 16 * index
  head[at] = partition.active ? 0x80 : 0
  head.fill(0xff, at + 1, at + 8) // cylinders and heads: "look at the sector numbers"
  head[at + 4] = partition.type
  head.writeUInt32LE(partition.offset / sector, at + 8)
  head.writeUInt32LE(partition.bytes / sector, at + 12)
}
