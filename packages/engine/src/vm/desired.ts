import {
  type ChangeEvent,
  type HaSettings,
  type Refusal,
  refOf,
  type Vm,
  type VmHa,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { given } from '../given'
import { leaveVm } from '../recover/story'
import { Changes } from '../world/changes'
import { put } from '../world/rows'
import type { Cause } from './rows'

/**
 * The event that a VM should be something else from now on; none when that is nothing new. What was tried to bring it
 * back is forgotten: whoever asks begins anew.
 */
export function desiredChanged(vm: Vm, desired: Vm['desired'], cause: Cause): ChangeEvent[] {
  const forget = vm.recovery !== null && (desired === 'stopped' || vm.recovery.state === 'error')
  if (vm.desired === desired && !forget) return []
  const row: Vm = { ...vm, desired, recovery: forget ? null : vm.recovery }
  const { initiator, taskId } = cause
  return [{ body: { kind: 'vm.desired', vm: refOf(vm), desired }, initiator, taskId, rows: [put('vm', row)] }]
}

/**
 * Says whether a VM should run. What should run and does not is started by high availability, wherever it can be; what
 * should not run is never started. Nothing that runs is stopped by this.
 */
export function decideSetDesired(
  world: World,
  { vmId, desired }: { vmId: string; desired: Vm['desired'] },
  ctx: Context,
): Decision {
  const vm = world.tables.vm.get(vmId)
  if (!vm) return refuse([{ code: 'not_found', noun: 'VM', id: vmId }])
  const changes = new Changes(world, ctx)
  changes.add(desiredChanged(vm, desired, { initiator: ctx.initiator, taskId: null, outside: false }))
  if (desired === 'stopped') leaveVm(changes, vm, 'stopped', 'it should be off')
  return accept(changes.events, null)
}

/** Changes how a VM is looked after; what is left out stays. */
export function decideChangeVmHa(
  world: World,
  { vmId, ha }: { vmId: string; ha: Partial<VmHa> },
  ctx: Context,
): Decision {
  const vm = world.tables.vm.get(vmId)
  if (!vm) return refuse([{ code: 'not_found', noun: 'VM', id: vmId }])
  const next: VmHa = { ...vm.ha, ...given(ha) }
  const refusals = checkVmHa(next)
  if (refusals.length > 0) return refuse(refusals)
  const fields = (Object.keys(next) as (keyof VmHa)[]).filter(
    (field) => JSON.stringify(next[field]) !== JSON.stringify(vm.ha[field]),
  )
  if (fields.length === 0) return accept([], null)
  const changes = new Changes(world, ctx)
  const row: Vm = { ...vm, ha: next, recovery: next.restart === 'none' ? null : vm.recovery }
  changes.say({ kind: 'vm.ha', vm: refOf(vm), fields }, [put('vm', row)])
  if (next.restart === 'none') leaveVm(changes, vm, 'left', 'it is not to be restarted')
  return accept(changes.events, null)
}

const responses: readonly HaSettings['isolationResponse'][] = ['leave', 'shutdown', 'powerOff']
const longestReadyMs = 3_600_000
const mostRetries = 20

function checkVmHa(ha: VmHa): Refusal[] {
  const refusals: Refusal[] = []
  const wrong = (field: string, problem: string, remedy: string) =>
    refusals.push({ code: 'invalid', field, problem, remedy })
  if (!['protected', 'bestEffort', 'none'].includes(ha.restart))
    wrong('restart', `"${ha.restart}" is no policy`, 'Give protected, bestEffort or none.')
  if (![1, 2, 3, 4, 5].includes(ha.tier))
    wrong('tier', `${ha.tier} is no tier`, 'Give 1 (first) to 5 (last).')
  if (!whole(ha.readyMs, 0, longestReadyMs))
    wrong('readyMs', `${ha.readyMs} ms is no such time`, 'Give between 0 and one hour.')
  if (ha.isolation !== null && !responses.includes(ha.isolation))
    wrong('isolation', `"${ha.isolation}" is no response`, 'Give leave, shutdown or powerOff.')
  for (const field of ['sameHost', 'otherHosts'] as const)
    if (!whole(ha.retries[field], 0, mostRetries))
      wrong(`retries.${field}`, `${ha.retries[field]} is no number of retries`, `Give 0 to ${mostRetries}.`)
  if (ha.evacuate !== undefined && ha.evacuate !== 'move' && ha.evacuate !== 'stop')
    wrong('evacuate', `"${ha.evacuate}" is not known`, 'Give move or stop.')
  return refusals
}

function whole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}
