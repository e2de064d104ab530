import type { Host } from '@drover/model'
import { checkDisk } from '../../guest/ring'
import type { GuestStatus } from '../../guest/status'
import { until } from '../../run'
import { addBmc } from '../fence'
import { createInstallation, type Installation, type InstallationOptions } from '../installation'
import { createVm, disksOf, type LabVm } from '../vm'

/** An installation that looks after its VMs: every host has its BMC running and known to Drover. */
export interface HaSite extends Installation {
  vms: LabVm[]
  /** Where each VM was made, by name. */
  home(vm: LabVm): Promise<string>
}

export interface HaOptions extends InstallationOptions {
  /** VMs by the number of the host that they are made on. */
  vms: number[]
  ha?: object
  /** How long a BMC gets for an answer, in ms. Default: 10 s. */
  deviceTimeoutMs?: number
}

/** Builds it up: hosts, BMCs, fence devices, guests that answer. */
export async function createHaSite({
  vms: on,
  ha,
  deviceTimeoutMs = 10_000,
  ...options
}: HaOptions): Promise<HaSite> {
  const site = await createInstallation(options)
  try {
    const { operator, lab, clusterId } = site
    await Promise.all(lab.hosts.map((host) => addBmc(operator, host, deviceTimeoutMs)))
    if (ha) await operator.api.mutate('cluster.changeHa', { clusterId, changes: ha })
    const vms = await Promise.all(
      on.map((host, i) => createVm(operator, { name: `guest-${i + 1}`, host: `lab-${host}` })),
    )
    for (const vm of vms) await lab.guests.waitFor(vm.address)
    const home = async (vm: LabVm) => {
      const { rows } = await operator.snapshot()
      const { hostId } = rows.vm.find(({ id }) => id === vm.id)!
      return rows.host.find(({ id }) => id === hostId)!.name
    }
    return { ...site, vms, home }
  } catch (error) {
    await site.destroy()
    throw error
  }
}

/** Waits for a host to be in one of these states; the message says which it was in. */
export async function hostIs(
  site: Installation,
  name: string,
  states: Host['state'][],
  ms: number,
): Promise<Host> {
  return until(`${name} is ${states.join(' or ')}`, ms, async () => {
    const host = await site.operator.host(name).catch(() => undefined)
    return host && states.includes(host.state) && host
  })
}

/** Waits until these VMs run, by Drover's word, the guests' own and /proc: once each, and not on `notOn`. */
export async function allRunOnce(site: HaSite, vms: LabVm[], notOn: string[], ms: number): Promise<void> {
  for (const vm of vms) {
    await until(`${vm.name} runs again`, ms, async () => {
      const row = await site.operator.vm(vm.name).catch(() => undefined)
      const where = site.lab.whereIs(vm.uuid).map(({ hostName }) => hostName)
      return row?.power === 'running' && where.length === 1 && !notOn.includes(where[0]!)
    })
    await site.lab.guests.waitFor(vm.address, { timeoutMs: 30_000 })
  }
}

export async function statuses(site: HaSite, vms: LabVm[]): Promise<Map<string, GuestStatus>> {
  const all = new Map<string, GuestStatus>()
  for (const vm of vms) all.set(vm.name, await site.lab.guests.status(vm.address, { timeoutMs: 5_000 }))
  return all
}

/** What is wrong after an incident: a VM that runs more or less than once, a disk that went back or has holes, a broken history. */
export async function faults(site: HaSite, before: Map<string, GuestStatus>): Promise<string[]> {
  const wrong: string[] = []
  for (const vm of site.vms) {
    const copies = site.lab.whereIs(vm.uuid).map(({ hostName }) => hostName)
    if (copies.length !== 1) wrong.push(`${vm.name} runs ${copies.length} times (${copies.join(', ')})`)
    const status = await site.lab.guests.status(vm.address, { timeoutMs: 5_000 })
    const was = before.get(vm.name)
    if (status.diskErrors > 0) wrong.push(`${vm.name} found ${status.diskErrors} holes in its disk`)
    if (was && status.diskCounter < was.diskCounter) wrong.push(`the disk of ${vm.name} went back`)
  }
  const verdict = await site.operator.api.query<{ ok: boolean }>('event.verify')
  if (!verdict.ok) wrong.push('the chain of history is broken')
  return wrong
}

/** Stops every VM and looks at its disk from outside: by qemu-img, and by the guest's own ring of records. */
export async function disksAtRest(site: HaSite): Promise<string[]> {
  const wrong: string[] = []
  for (const vm of site.vms) {
    await site.operator.do('vm.stop', { vmId: vm.id })
    for (const path of await disksOf(site.operator, site.lab, vm.name)) {
      const ring = await checkDisk(path).catch((error: Error) => error)
      if (ring instanceof Error) wrong.push(`${vm.name}: ${ring.message}`)
      else if (ring.holes > 0 || ring.bad > 0)
        wrong.push(`${vm.name}: ${ring.holes} holes and ${ring.bad} bad records`)
    }
  }
  return wrong
}

/** Switches a host on again and waits until its agent reports and it may take VMs. */
export async function bringBack(site: HaSite, name: string): Promise<void> {
  const host = site.lab.host(name)
  if (!host.isOn()) await host.powerOn()
  await hostIs(site, name, ['connected'], 40_000)
}
