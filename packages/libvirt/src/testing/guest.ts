export interface GuestOptions {
  name: string
  uuid: string
  memoryMib?: number
  vcpus?: number
  /** qcow2 file of the disk vda. */
  disk?: string
}

/** A guest that boots into a BIOS with nothing to boot: enough to be run, paused, saved and migrated. */
export function guestXml({ name, uuid, memoryMib = 64, vcpus = 1, disk }: GuestOptions): string {
  const diskXml = disk
    ? `<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${disk}'/>
       <target dev='vda' bus='virtio'/></disk>`
    : ''
  return `<domain type='qemu'>
  <name>${name}</name><uuid>${uuid}</uuid><memory unit='MiB'>${memoryMib}</memory>
  <vcpu placement='static' current='1'>${vcpus}</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <features><acpi/></features>
  <clock offset='utc'><timer name='hpet' present='no'/></clock>
  <devices><controller type='usb' model='none'/><memballoon model='virtio'/>${diskXml}</devices>
</domain>`
}
