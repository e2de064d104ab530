import type { VmSpec } from '@drover/protocol'
import { escapeXml } from '../xml'

/** What the host can give, which decides how a new VM is written. */
export interface Platform {
  accelerator: 'kvm' | 'tcg'
  emulator: string
  arch: string
  /** The newest versioned machine type, so that a VM stays what it is when QEMU is updated. */
  machine: string
  isBridge: (network: string) => boolean
}

/** The definition of a new VM. Disks are opened so that no page cache stands between two hosts, and stop when they fail. */
export function writeDomain(spec: VmSpec, platform: Platform): string {
  const kvm = platform.accelerator === 'kvm'
  const memoryKiB = Math.floor(spec.memoryBytes / 1024)
  return `<domain type='${kvm ? 'kvm' : 'qemu'}'>
  <name>${escapeXml(spec.name)}</name>
  <uuid>${spec.uuid}</uuid>
  <memory unit='KiB'>${memoryKiB}</memory>
  <vcpu>${spec.vcpus}</vcpu>
  <os><type arch='${platform.arch}' machine='${platform.machine}'>hvm</type><boot dev='hd'/></os>
  <features><acpi/><apic/>${kvm ? '' : "<tcg><tb-cache unit='MiB'>32</tb-cache></tcg>"}</features>
  ${
    kvm
      ? "<cpu mode='host-model' check='partial'/>"
      : "<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model></cpu>"
  }
  <clock offset='utc'><timer name='hpet' present='no'/></clock>
  <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
  <pm><suspend-to-mem enabled='no'/><suspend-to-disk enabled='no'/></pm>
  <devices>
    <emulator>${escapeXml(platform.emulator)}</emulator>
${spec.disks.map((disk, index) => writeDisk(disk, index, platform)).join('\n')}
    <controller type='usb' model='none'/>
${spec.nics.map((nic) => writeNic(nic, platform)).join('\n')}
    <serial type='pty'><target port='0'/></serial>
    <console type='pty'><target type='serial' port='0'/></console>
    <graphics type='vnc' port='-1' autoport='yes'/>
    <video><model type='vga' vram='16384' heads='1' primary='yes'/></video>
    <memballoon model='virtio'><stats period='5'/></memballoon>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
  </devices>
</domain>
`
}

function writeDisk({ path, format }: VmSpec['disks'][number], index: number, platform: Platform): string {
  const io = platform.accelerator === 'kvm' ? 'native' : 'threads'
  const driver = `name='qemu' type='${format}' cache='none' io='${io}' discard='unmap' error_policy='stop'`
  const source = `<source file='${escapeXml(path)}'/>`
  const target = `<target dev='vd${String.fromCharCode(97 + index)}' bus='virtio'/>`
  return `    <disk type='file' device='disk'><driver ${driver}/>${source}${target}</disk>`
}

function writeNic({ network, mac }: VmSpec['nics'][number], platform: Platform): string {
  const kind = platform.isBridge(network) ? 'bridge' : 'network'
  const source = `<source ${kind}='${escapeXml(network)}'/>`
  return `    <interface type='${kind}'><mac address='${escapeXml(mac)}'/>${source}<model type='virtio'/><rom enabled='no'/></interface>`
}
