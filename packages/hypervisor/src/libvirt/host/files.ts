import { readdir, readFile } from 'node:fs/promises'

/** Bridges of this host that VMs can be plugged into; libvirt's own go by the name of their network. */
export async function readBridges(): Promise<string[]> {
  const names = await readdir('/sys/class/net').catch(() => [])
  const found = await Promise.all(
    names.map((name) =>
      readdir(`/sys/class/net/${name}/bridge`).then(
        () => name,
        () => null,
      ),
    ),
  )
  return found.filter((name): name is string => name !== null && !name.startsWith('virbr')).sort()
}

/** Bytes since boot of whole disks: parts and what is stacked on them would count twice. */
export async function readDiskBytes(): Promise<{ read: number; written: number }> {
  const text = await readFile('/proc/diskstats', 'utf8').catch(() => '')
  const sum = { read: 0, written: 0 }
  for (const line of text.split('\n')) {
    const [, , name, , , readSectors, , , , writtenSectors] = line.trim().split(/\s+/)
    if (!name || !/^(sd[a-z]+|vd[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/.test(name)) continue
    sum.read += Number(readSectors) * 512
    sum.written += Number(writtenSectors) * 512
  }
  return sum
}

/** Bytes since boot through the host's own cards; those of its VMs and bridges carry the same bytes again. */
export async function readNetworkBytes(): Promise<{ in: number; out: number }> {
  const text = await readFile('/proc/net/dev', 'utf8').catch(() => '')
  const sum = { in: 0, out: 0 }
  for (const line of text.split('\n').slice(2)) {
    const [name, counters] = line.split(':')
    if (!name || !counters || /^(lo|vnet|tap|macvtap|virbr|br|docker|bond\d+\.)/.test(name.trim())) continue
    const fields = counters.trim().split(/\s+/)
    sum.in += Number(fields[0])
    sum.out += Number(fields[8])
  }
  return sum
}

/**
 * Names this power-on of the host. The kernel's own id alone would be the same for hosts that share a kernel
 * (containers), so the start of the first process counts as well.
 */
export async function readBootId(): Promise<string> {
  const id = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown')
  const stat = await readFile('/proc/1/stat', 'utf8').catch(() => '')
  // The name in parentheses may hold spaces; the start time is the 20th field after it.
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
  return `${id.trim()}/${started}`
}
