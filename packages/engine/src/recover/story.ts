import { type IncidentId, type IncidentVm, type Refusal, sayRefusals, type Vm } from '@drover/model'
import { closeIncident, noteVm } from '../incident/rows'
import type { Changes } from '../world/changes'

const longestWhy = 500

/** Reasons as an incident and history tell them. */
export function sayWhy(why: readonly Refusal[]): string | null {
  return why.length > 0 ? sayRefusals(why).slice(0, longestWhy) : null
}

/** How a VM fares, in its incident; an incident about this VM alone ends when it does. */
export function tellVm(
  changes: Changes,
  incidentId: IncidentId | null | undefined,
  vm: Vm,
  set: Partial<Omit<IncidentVm, 'vm'>>,
): void {
  noteVm(changes, incidentId, vm, set)
  const incident = changes.get('incident', incidentId)
  if (incident?.kind !== 'vm' || incident.state !== 'open') return
  const over = incident.vms.every(
    ({ state }) => state === 'running' || state === 'left' || state === 'stopped',
  )
  if (over)
    closeIncident(
      changes,
      incident.id,
      set.state === 'running' ? `${vm.name} runs again` : `${vm.name} is left`,
    )
}

/** A VM that was to be brought back and no longer is. `vm`: as it was before. */
export function leaveVm(changes: Changes, vm: Vm, state: 'left' | 'stopped', why: string): void {
  if (vm.recovery) tellVm(changes, vm.recovery.incidentId, vm, { state, why })
}

/** Open incidents of a cluster that are about more than one VM. */
export function isTroubled(changes: Changes, clusterId: string): boolean {
  for (const id of changes.world.index.openIncidents)
    if (changes.get('incident', id)?.clusterId === clusterId) return true
  return false
}
