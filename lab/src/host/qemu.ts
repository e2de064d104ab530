import { processes } from '../processes'

/** Every QEMU process of a VM in this machine, those of hosts that are just going down and of other labs too: one look. */
export function qemuEverywhere(): { pid: number; uuid: string }[] {
  return processes().flatMap(({ pid, args }) => {
    const qemu = isQemu(args) ? describeQemu(args) : undefined
    return qemu ? [{ pid, uuid: qemu.uuid }] : []
  })
}

export const isQemu = (args: string[]) => /qemu-system-/.test(args[0] ?? '')

/** Which VM a QEMU process is, from its own arguments as libvirt gives them. Undefined for libvirt's probes. */
export function describeQemu(
  args: string[],
): { vmName: string; uuid: string; cameByMigration: boolean } | undefined {
  const after = (flag: string) => {
    const at = args.indexOf(flag)
    return at < 0 ? undefined : args[at + 1]
  }
  const uuid = after('-uuid')
  // "guest=web-17,debug-threads=on"; a comma within the name is doubled.
  const vmName = /guest=((?:[^,]|,,)+)/.exec(after('-name') ?? '')?.[1]?.replaceAll(',,', ',')
  if (!uuid || !vmName) return undefined
  return { vmName, uuid, cameByMigration: args.includes('-incoming') }
}
