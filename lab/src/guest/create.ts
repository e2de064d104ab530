import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { guestImageName } from '../lab'
import type { Lab, LabHost } from '../types'
import { guestAddress, guestMac } from './address'

export interface GuestOptions {
  name: string
  /** Its address is 10.78.2.`number`; from 2 to 254. */
  number: number
  memoryMiB?: number
  cpus?: number
  /** Which datastore has its disk. Default: shared. */
  datastore?: 'shared' | 'local'
}

export interface Guest {
  name: string
  uuid: string
  mac: string
  address: string
  /** Its disk as the hosts know it, and as the outside does. */
  disk: string
  diskOutside: string
}

/**
 * Makes a VM from the guest image by libvirt alone, with nothing of Drover: for tests of what is found on hosts, and as
 * the other side of comparisons. Defined, not started.
 */
export async function createGuest(lab: Lab, host: LabHost, options: GuestOptions): Promise<Guest> {
  const { name, number, datastore = 'shared' } = options
  const outside = datastore === 'shared' ? lab.sharedDir : host.localDir
  const file = join('vms', name, 'disk0.qcow2')
  const mac = guestMac(2, number)
  const guest: Guest = {
    name,
    uuid: randomUUID(),
    mac,
    address: guestAddress(mac),
    disk: join('/srv', datastore, file),
    diskOutside: join(outside, file),
  }
  mkdirSync(join(outside, 'vms', name), { recursive: true })
  if (!existsSync(guest.diskOutside))
    await copyFile(join(outside, 'images', guestImageName), guest.diskOutside)
  const definition = join(outside, 'vms', name, 'domain.xml')
  writeFileSync(definition, domainXml(guest, options))
  await host.virsh('define', definition)
  return guest
}

/** The domain with what emulation and shared storage ask for; lab/README.md says why. */
export function domainXml(guest: Guest, options: GuestOptions): string {
  return `<domain type='qemu'>
  <name>${guest.name}</name>
  <uuid>${guest.uuid}</uuid>
  <memory unit='MiB'>${options.memoryMiB ?? 96}</memory>
  <vcpu>${options.cpus ?? 1}</vcpu>
  <os><type arch='x86_64' machine='pc-i440fx-10.0'>hvm</type></os>
  <features><acpi/><tcg><tb-cache unit='MiB'>32</tb-cache></tcg></features>
  <cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model></cpu>
  <clock offset='utc'><timer name='hpet' present='no'/></clock>
  <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none' io='threads' error_policy='stop'/>
      <source file='${guest.disk}'/><target dev='vda' bus='virtio'/>
    </disk>
    <controller type='usb' model='none'/>
    <interface type='bridge'>
      <mac address='${guest.mac}'/><source bridge='br0'/><model type='virtio'/><rom enabled='no'/>
    </interface>
    <serial type='pty'><log file='${guest.disk.replace(/[^/]*$/, 'serial.log')}' append='on'/><target port='0'/></serial>
    <console type='pty'><target type='serial' port='0'/></console>
    <graphics type='vnc' port='-1' autoport='yes' listen='0.0.0.0'/>
    <video><model type='vga' vram='8192' heads='1' primary='yes'/></video>
    <memballoon model='virtio'><stats period='5'/></memballoon>
  </devices>
</domain>
`
}
