import type { Vm } from '@drover/model'
import { guestAddress } from '../guest/address'
import { guestImageName } from '../lab'
import type { Lab, LabHost } from '../types'
import type { Operator } from './operator'
import { said } from './operator'

export interface LabVmOptions {
  name: string
  /** The host's name. */
  host: string
  /** `shared` (default) or the host's own. */
  datastore?: 'shared' | 'local'
  memoryMiB?: number
  /** Default: true. */
  powerOn?: boolean
}

/** A VM that Drover made of the guest image, and how to reach its guest. */
export interface LabVm {
  id: string
  uuid: string
  name: string
  address: string
}

/** Orders a VM with the guest image, and waits until Drover has made it. Throws how the task ended when it failed. */
export async function createVm(operator: Operator, options: LabVmOptions): Promise<LabVm> {
  const { name, host, datastore = 'shared', memoryMiB = 96, powerOn = true } = options
  const { rows } = await operator.snapshot()
  const home = rows.host.find((one) => one.name === host)!
  const shared = rows.datastore.find((one) => one.name === 'shared')!
  const own = rows.datastore.find((one) => one.name === host.replace('lab-', 'local-'))!
  const image = shared.images.find(({ path }) => path.endsWith(guestImageName))!
  const task = await operator.do('vm.create', {
    clusterId: home.clusterId,
    name,
    vcpus: 1,
    memoryBytes: memoryMiB * 1024 ** 2,
    image: { datastoreId: shared.id, path: image.path },
    datastoreId: datastore === 'shared' ? shared.id : own.id,
    networkId: rows.network.find((one) => one.name === 'br0')!.id,
    hostId: home.id,
    powerOn,
  })
  if (task.state !== 'succeeded') throw new Error(`${name} was not created: ${said(task)}`)
  return labVmOf(await operator.vm(name))
}

export function labVmOf(vm: Vm): LabVm {
  return { id: vm.id, uuid: vm.uuid, name: vm.name, address: guestAddress(vm.nics[0]!.mac) }
}

/** Where a host's path is for the outside: `/srv/shared/…` and `/srv/local/…`. */
export function outside(lab: Lab, host: LabHost, path: string): string {
  return path.replace(/^\/srv\/shared/, lab.sharedDir).replace(/^\/srv\/local/, host.localDir)
}

/** Where the first disk of a VM is for the outside, by what Drover says of its home and datastore. */
export async function diskOf(operator: Operator, lab: Lab, name: string): Promise<string> {
  return (await disksOf(operator, lab, name))[0]!
}

/** The same of all its disks. */
export async function disksOf(operator: Operator, lab: Lab, name: string): Promise<string[]> {
  const { rows } = await operator.snapshot()
  const vm = rows.vm.find((one) => one.name === name)!
  const host = rows.host.find(({ id }) => id === vm.hostId)!
  return vm.disks.map((disk) => {
    const mount = host.datastores.find(({ datastoreId }) => datastoreId === disk.datastoreId)!
    return outside(lab, lab.host(host.name), `${mount.path}/${disk.path}`)
  })
}
