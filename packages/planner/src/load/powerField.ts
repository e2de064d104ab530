import type { LoadPicture, LoadRules } from '@drover/model'
import type { ConsolidationHost, ConsolidationInput, Demand } from '../consolidate/goal'
import { buildModel, type Model, type ModelRule } from '../model/model'
import { masks } from './masks'
import { missedCores, wantedNow } from './scene'

/** Resources of the model, by index: what VMs were promised, what they ask of CPUs, and the memory that they use. */
export const promised = 0
export const cpu = 1
export const memory = 2

/** What is expected is met, most of the time, within so many standard deviations. */
const highAt = 2

/** How hosts count when it is asked who is needed: as if those that sleep took VMs once woken. */
export interface PowerField {
  input: ConsolidationInput
  /** By host: 1 while it is awake, or about to be. */
  awake: Uint8Array
}

/**
 * A cluster's load in the planner's numbers. `needMs`: demand counts as the highest expected within that time. `model`: the
 * picture's, where it has been made already.
 */
export function powerField(
  picture: LoadPicture,
  rules: LoadRules,
  needMs: number,
  model = powerModel(picture, rules),
): PowerField {
  const awake = Uint8Array.from(picture.hosts, ({ standby }) =>
    standby === 'awake' || standby === 'waking' ? 1 : 0,
  )
  const hosts = picture.hosts.map((host, i): ConsolidationHost => {
    const asleep = awake[i] === 0
    return {
      asleep,
      maySleep: maySleep(picture, rules, i),
      mayWake: mayWake(picture, i),
      power: host.power,
      sinceAt: host.standbySince,
    }
  })
  const demand = picture.vms.map((vm): Demand[] => {
    const { demand } = vm
    const ahead = peakAhead(picture, vm.demand.aheadCpu, needMs)
    // What it wanted and did not get counts as well.
    const mean = Math.max(demand.cpu + missedCores(demand.pressure, vm.vcpus, demand.cpu), ahead)
    return [
      {
        mean,
        sd: Math.max(0, Math.max(demand.cpuHigh, mean) - mean) / highAt,
        now: vm.now?.cpu ?? demand.cpu,
      },
      { mean: demand.memory, sd: 0, now: vm.now?.memory ?? demand.memory },
    ]
  })
  const stay = [...picture.vms.keys()].filter((vm) => staysPut(picture, rules, vm))
  const mask = masks(picture.hosts.length)
  const restart = picture.vms.map(({ restartable }) => restartable && mask(restartable))
  return { input: { model, hosts, demand, stay, restart, at: picture.at }, awake }
}

/** The highest CPU that is expected within that time, as its own past has it; 0: not known. */
export function peakAhead(
  { at }: LoadPicture,
  hours: readonly number[] | undefined,
  withinMs: number,
): number {
  if (!hours) return 0
  const first = Math.floor(at / hourMs)
  const last = Math.floor((at + withinMs) / hourMs)
  return Math.max(0, ...hours.slice(0, last - first + 1))
}

export const hourMs = 3_600_000

/** Whether the rules let a host sleep at all; not whether it is a good moment. */
export function maySleep({ hosts }: LoadPicture, { power }: LoadRules, host: number): boolean {
  const { id, wakeProven, byHand, accepts, needed } = hosts[host]!
  return accepts && wakeProven && !byHand && !needed && (power.hostIds === null || power.hostIds.includes(id))
}

/** Whether rules may wake it now: a person's wish, and one that has only just failed to come up, are left alone. */
export function mayWake({ hosts, at }: LoadPicture, host: number): boolean {
  const { standby, byHand, wakeAfter = 0 } = hosts[host]!
  return (standby === 'asleep' || standby === 'falling asleep') && !byHand && wakeAfter <= at
}

/** What was moved a moment ago is left alone, and where hosts sleep by themselves, also what nobody may move without asking. */
function staysPut(picture: LoadPicture, { balance, power }: LoadRules, index: number): boolean {
  const { fixed, movedAt, automation } = picture.vms[index]!
  if (fixed !== null) return true
  if (movedAt !== null && picture.at - movedAt < balance.cooldownMs) return true
  return power.mode === 'full' && automation !== 'full'
}

/** Those that count, in the order in which the model has them. */
export function enabledRules({ rules }: Pick<LoadRules, 'rules'>): LoadRules['rules'] {
  return rules.filter(({ enabled }) => enabled)
}

/** Hosts and VMs as they are now, under the rules: whatever is expected of them. */
export function powerModel(picture: LoadPicture, { rules, overcommitMemory }: LoadRules): Model {
  const hostIndex = new Map(picture.hosts.map(({ id }, i) => [id, i]))
  const vmIndex = new Map(picture.vms.map(({ id }, i) => [id, i]))
  const mask = masks(picture.hosts.length)
  return buildModel({
    resources: [
      { name: 'memory', hard: !overcommitMemory, weight: 0.5 },
      { name: 'CPU', hard: false, weight: 0.5 },
      { name: 'memory in use', hard: false, weight: 0 },
    ],
    hosts: picture.hosts.map((host) => ({
      name: host.name,
      capacity: [host.roomBytes, host.cores, host.memoryBytes],
      used: [host.promisedBytes, host.used.cpu, host.used.memory],
      accepts: host.accepts || host.standby !== 'awake',
    })),
    vms: picture.vms.map((vm) => ({
      name: vm.name,
      size: [vm.memoryBytes, vm.now?.cpu ?? vm.demand.cpu, vm.now?.memory ?? vm.demand.memory],
      at: vm.at,
      towards: vm.towards,
      rank: vm.tier + (vm.protected ? 0 : 10),
      protected: vm.protected,
      eligible: vm.eligible && mask(vm.eligible),
    })),
    rules: enabledRules({ rules }).map(
      (rule): ModelRule => ({
        kind: rule.kind,
        relation: rule.relation,
        strict: rule.strict,
        vms: rule.vmIds.flatMap((id) => vmIndex.get(id) ?? []),
        hosts: rule.hosts.flatMap(({ hostId, priority }) => {
          const host = hostIndex.get(hostId)
          return host === undefined ? [] : [{ host, priority }]
        }),
      }),
    ),
  })
}

/** CPU in cores, memory in bytes: what is needed, and what hosts have of it. */
export interface Need {
  cpu: number
  memory: number
  cores: number
  bytes: number
}

/** The share that is needed of what there is less left of. */
export function tightest({ cpu, memory, cores, bytes }: Need): { metric: 'cpu' | 'memory'; share: number } {
  const [ofCpu, ofMemory] = [cpu / (cores || 1e-9), memory / (bytes || 1e-9)]
  return ofCpu >= ofMemory ? { metric: 'cpu', share: ofCpu } : { metric: 'memory', share: ofMemory }
}

/** The demand on the hosts that count as awake, and what these have: CPU in cores, memory in bytes. */
export function needOf(picture: LoadPicture, { input, awake }: PowerField): Need {
  const sum = { cpu: 0, memory: 0, cores: 0, bytes: 0 }
  const { model, demand } = input
  for (const [host, row] of picture.hosts.entries()) {
    // What runs on a host that is falling asleep will have to run on the others.
    const known = model.vmsOn[host]!
    const now = (r: number) => known.reduce((total, vm) => total + model.vms[vm]!.size[r]!, 0)
    for (const vm of known) {
      sum.cpu += Math.max(demand[vm]![0]!.mean, wantedNow(picture.vms[vm]!))
      sum.memory += demand[vm]![1]!.mean
    }
    if (!awake[host] || (!row.accepts && row.standby === 'awake')) continue
    sum.cpu += Math.max(0, row.used.cpu - now(cpu))
    sum.memory += Math.max(0, row.used.memory - now(memory))
    sum.cores += row.cores
    sum.bytes += row.memoryBytes
  }
  return sum
}

/** Whether as much memory is free on the hosts that are awake as the cluster keeps for failures, where it keeps a share. */
export function shareIsKept(
  picture: LoadPicture,
  { admission }: LoadRules,
  isAwake: (host: number) => boolean,
): boolean {
  if (admission.by !== 'share' || admission.action === 'off') return true
  let [room, given] = [0, 0]
  for (const [i, host] of picture.hosts.entries()) {
    if (host.accepts || host.standby !== 'awake') given += host.promisedBytes
    if (isAwake(i) && (host.accepts || host.standby !== 'awake')) room += host.roomBytes
  }
  return room - given >= admission.reservedShare * room
}
