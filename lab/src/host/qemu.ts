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
