import type { GuestWatch } from '../../guest/probe'
import { checkDisk } from '../../guest/ring'
import { qemuEverywhere } from '../../host/qemu'
import { said } from '../operator'
import { disksOf, type LabVm } from '../vm'
import { faults, type HaSite, statuses } from './site'

/** A look at /proc this often. QEMU does not start and end between two looks. */
const lookMs = 100
/** Longer without a look, and nobody can say that he has watched. */
const mostBlindMs = 3_000

/** Somebody who looks at every host and asks every guest, as long as things go wrong. */
export interface Vigil {
  /** When a copy of the VM was first seen that was not there at the beginning, epoch ms; undefined: none was. */
  startedAt(vm: LabVm): number | undefined
  /** Stops watching, looks at every disk, and says what was wrong: nothing, if all is well. */
  end(): Promise<string[]>
}

/** Begins to watch the VMs of a site, all of which run. */
export async function keepVigil(site: HaSite): Promise<Vigil> {
  const before = await statuses(site, site.vms)
  const guests: GuestWatch[] = []
  for (const { address } of site.vms)
    guests.push(await site.lab.guests.watch(address, { intervalMs: lookMs }))
  const wrong = new Set<string>()
  /** By VM, the pids of its copies and since when each is known. */
  const known = new Map(site.vms.map(({ uuid }) => [uuid, new Map<number, number>()]))
  const beganAt = Date.now()
  let lookedAt = beganAt
  const look = () => {
    const now = Date.now()
    if (now - lookedAt > mostBlindMs) wrong.add(`nobody watched for ${now - lookedAt} ms`)
    lookedAt = now
    const copies = new Map<string, number>()
    for (const { pid, uuid } of qemuEverywhere()) {
      copies.set(uuid, (copies.get(uuid) ?? 0) + 1)
      const pids = known.get(uuid)
      if (pids && !pids.has(pid)) pids.set(pid, now)
    }
    for (const { uuid, name } of site.vms) {
      const count = copies.get(uuid) ?? 0
      if (count > 1) wrong.add(`${name} ran ${count} times at once`)
    }
  }
  look()
  const first = new Map([...known].map(([uuid, pids]) => [uuid, new Set(pids.keys())]))
  const timer = setInterval(look, lookMs).unref()

  return {
    startedAt: ({ uuid }) => [...known.get(uuid)!].find(([pid]) => !first.get(uuid)!.has(pid))?.[1],
    async end() {
      look()
      clearInterval(timer)
      const disks = await Promise.all(
        site.vms.map(async (vm, i) => {
          const { boots, first: met, last, ...seen } = await guests[i]!.stop()
          if (!met || !last) return [`${vm.name} never answered`]
          const backwards = { tick: seen.tickWentBack, 'disk counter': seen.diskCounterWentBack }
          for (const [what, times] of Object.entries(backwards))
            if (times > 0) wrong.add(`the ${what} of ${vm.name} went back ${times} times`)
          if (last.memoryErrors > 0) wrong.add(`${vm.name} found ${last.memoryErrors} wrong pages`)
          return inService(site, vm, last.diskCounter, boots)
        }),
      )
      return [...wrong, ...(await faults(site, before)), ...disks.flat()]
    },
  }
}

/**
 * Looks at the disks of a VM that runs, while it is suspended for a moment: each image by qemu-img, and the guest's own ring.
 * Every record up to the last that its guest was heard of is there, those of each of its lives, and none is missing in between.
 */
async function inService(site: HaSite, vm: LabVm, counter: number, boots: string[]): Promise<string[]> {
  const suspended = await site.operator.do('vm.suspend', { vmId: vm.id })
  if (suspended.state !== 'succeeded') return [`${vm.name} is not suspended: ${said(suspended)}`]
  const wrong: string[] = []
  for (const [i, path] of (await disksOf(site.operator, site.lab, vm.name)).entries()) {
    const ring = await checkDisk(path, { suspended: true }).catch((error: Error) => error)
    if (ring instanceof Error) {
      wrong.push(`disk ${i} of ${vm.name}: ${ring.message}`)
      continue
    }
    // The guest writes to its first disk only.
    if (i > 0) continue
    if (ring.bad > 0 || ring.holes > 0)
      wrong.push(`${vm.name}: ${ring.bad} bad records and ${ring.holes} holes on its disk`)
    if (ring.counter < counter) wrong.push(`${vm.name}: record ${counter} was acknowledged and is gone`)
    const gone = boots.filter((boot) => !ring.boots.includes(boot))
    if (gone.length > 0) wrong.push(`${vm.name}: nothing on its disk is of its boot ${gone.join(', ')}`)
  }
  const resumed = await site.operator.do('vm.resume', { vmId: vm.id })
  if (resumed.state !== 'succeeded') wrong.push(`${vm.name} is not resumed: ${said(resumed)}`)
  return wrong
}
