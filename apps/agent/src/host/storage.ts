import type { ConfigInput } from '../config'

type Datastores = NonNullable<ConfigInput['datastores']>

/** Where libvirt itself keeps disks. */
export const libvirtImages = '/var/lib/libvirt/images'

/** Where disks live, and a sentence about it when nobody said where. */
export function chooseDatastores(
  given: Datastores,
  host: { name: string; hasLibvirtImages: boolean; configPath: string },
): { datastores: Datastores; said: string | null } {
  if (given.length > 0) return { datastores: given, said: null }
  if (!host.hasLibvirtImages) {
    const said = `No --datastore was given and there is no ${libvirtImages}: VMs cannot be created here until ${host.configPath} names one.`
    return { datastores: [], said }
  }
  const name = `${host.name}-local`
  const said = `No --datastore was given: disks live in ${libvirtImages}, images in ${libvirtImages}/images; the datastore is called ${name}. ${host.configPath} takes others.`
  return { datastores: [{ name, path: libvirtImages }], said }
}
