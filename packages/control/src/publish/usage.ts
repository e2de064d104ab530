import type { UsagePatch, World } from '@drover/model'

const mib = 1024 ** 2

/** What everything uses now. VMs in steps that can be seen: hundredths of a core, whole MiB. */
export function usageOf(world: World, now: number): UsagePatch {
  const hosts: UsagePatch['hosts'] = {}
  const vms: UsagePatch['vms'] = {}
  for (const [hostId, live] of world.live) {
    if (live.usage) hosts[hostId] = live.usage
    for (const [uuid, { cpu, memoryUsedBytes }] of live.vms) {
      const id = world.index.vmByUuid.get(uuid)
      if (id && world.tables.vm.get(id)?.hostId === hostId)
        vms[id] = [Math.round(cpu * 100) / 100, Math.round(memoryUsedBytes / mib) * mib]
    }
  }
  return { at: now, full: true, hosts, vms }
}

/** What has to be told to those who know `told`: VMs whose figures are others, and null for those that have none any more. */
export function usageSince(told: UsagePatch['vms'], usage: UsagePatch): UsagePatch {
  const vms: UsagePatch['vms'] = {}
  for (const [id, figures] of Object.entries(usage.vms)) {
    const before = told[id]
    if (before?.[0] !== figures?.[0] || before?.[1] !== figures?.[1]) vms[id] = figures
  }
  for (const id of Object.keys(told)) if (!(id in usage.vms)) vms[id] = null
  return { ...usage, full: false, vms }
}
