import { access, constants, readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** What this machine has of that which an agent stands on. */
export interface Seen {
  socketPath: string
  socket: boolean
  qemuImg: boolean
  /** Which daemon could open the socket if it ran: the one of old, the ones it was split into, or none. */
  daemon: 'libvirtd' | 'virtqemud' | null
  /** `ID` and `ID_LIKE` of /etc/os-release. */
  system: string[]
}

const installs: [string, string][] = [
  ['debian', 'apt install qemu-system qemu-utils libvirt-daemon-system'],
  ['ubuntu', 'apt install qemu-system qemu-utils libvirt-daemon-system'],
  ['fedora', 'dnf install qemu-kvm qemu-img libvirt'],
  ['rhel', 'dnf install qemu-kvm qemu-img libvirt'],
  ['suse', 'zypper install qemu qemu-tools libvirt'],
  ['arch', 'pacman -S qemu-base libvirt'],
]

/** Whether a path is there; with `mode`, whether it may be used so. */
export const there = (path: string, mode: number = constants.F_OK): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  )

/** Looks, and changes nothing. */
export async function lookAround(socketPath: string): Promise<Seen> {
  const installed = async (name: string) =>
    (await there(`/usr/sbin/${name}`)) || (await there(`/usr/bin/${name}`))
  return {
    socketPath,
    socket: await there(socketPath),
    qemuImg: (await Promise.all(searchPath().map((dir) => there(join(dir, 'qemu-img'))))).includes(true),
    daemon: (await installed('libvirtd')) ? 'libvirtd' : (await installed('virtqemud')) ? 'virtqemud' : null,
    system: systemOf(await readFile('/etc/os-release', 'utf8').catch(() => '')),
  }
}

/** What is missing and the command that brings it, a sentence or two each; empty when all is there. */
export function sayMissing({ socketPath, socket, qemuImg, daemon, system }: Seen): string[] {
  const install = installs.find(([id]) => system.some((word) => word.includes(id)))?.[1]
  const how = install ? `Install what is missing: ${install}` : 'Install QEMU (with qemu-img) and libvirt.'
  const missing: string[] = []
  if (!socket) {
    const no = `There is no libvirt at ${socketPath}.`
    if (daemon === 'libvirtd') missing.push(`${no} Start it: systemctl enable --now libvirtd`)
    else if (daemon === 'virtqemud') {
      // These are libvirt's parts; the proxy gives them the one socket.
      const sockets = ['virtqemud', 'virtnetworkd', 'virtproxyd'].map((name) => `${name}.socket`).join(' ')
      missing.push(`${no} Start it: systemctl enable --now ${sockets}`)
    } else missing.push(`${no} ${how}`)
  }
  if (!qemuImg) missing.push(`There is no qemu-img, which makes and copies disks. ${how}`)
  return missing
}

export function systemOf(osRelease: string): string[] {
  const values = [...osRelease.matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm)].map((match) => match[1]!)
  return values.flatMap((text) => text.replaceAll('"', '').split(/\s+/))
}

const searchPath = (): string[] => (process.env.PATH ?? '').split(delimiter).filter(Boolean)
