import {
  type BalanceSettings,
  defaultBalanceSettings,
  defaultPowerSettings,
  type Initiator,
  type PowerSettings,
  setRow,
  type ThresholdInput,
  type VmUsage,
} from '@drover/model'
import { judgeLoad, type PlanJob, runPlanJob } from '@drover/planner'
import type { Asked } from '../load/asked'
import { decideCarryOn } from '../load/carry'
import { decideVerdict, type Judged, loadQuestion, looksAfterLoad } from '../load/decide'
import { Boards } from './bmc'
import { House } from './house'

const gib = 2 ** 30
const drover: Initiator = { kind: 'drover' }

/** Looks at the load of every cluster once, as the loop of control does. */
export function lookAtLoad(house: House): Judged[] {
  const judged: Judged[] = []
  for (const cluster of [...house.world.tables.cluster.values()]) {
    if (!looksAfterLoad(house.world, cluster)) continue
    const question = loadQuestion(house.world, cluster, house.now)
    if (!question) continue
    const { picture, rules, memory, watchOnly } = question
    const verdict = judgeLoad(picture, rules, memory, { watchOnly })
    judged.push({ ...question, verdict })
    house.decide((world, ctx) => decideVerdict(world, { ...question, verdict }, ctx), drover)
  }
  return judged
}

/** Carries on with what was decided until nothing of it is left to be done now. */
export function carryOut(house: House, most = 50): void {
  for (let i = 0; i < most; i += 1) {
    const before = house.events.length
    house.decide(decideCarryOn, drover)
    house.run()
    if (house.events.length === before) return
  }
}

/** Four VMs with two cores each on the first of three hosts with eight; the balance sees to overloads only. */
export function busyHouse(set: Partial<BalanceSettings> = {}): {
  house: House
  wishes: Record<string, number>
} {
  const house = new House()
  const wishes: Record<string, number> = { web: 2, app: 2, db: 2, mail: 1.5 }
  for (const name of ['app', 'db', 'mail']) house.addVm(name, 'host-1', 'datastore-1', 'running')
  for (const id of house.guests.keys()) house.setHost(id, { stateSince: house.now - 600_000 })
  const balance = {
    ...defaultBalanceSettings,
    mode: 'full' as const,
    aim: 'overload' as const,
    limit: 1,
    ...set,
  }
  const cluster = house.world.tables.cluster.get('cluster-1')!
  setRow(house.world, 'cluster', 'cluster-1', { ...cluster, balance })
  reportLoad(house, wishes)
  return { house, wishes }
}

/** The same hosts, which can be woken, with next to nothing to do, and power saving. */
export function idleHouse(set: Partial<PowerSettings> = {}): {
  house: House
  wishes: Record<string, number>
  boards: Boards
} {
  const { house, wishes } = busyHouse({ aim: 'spread', limit: 0.9, holdMs: 60_000 })
  for (const id of house.guests.keys())
    house.setHost(id, { wake: { at: 1, ms: 40_000 }, stateSince: house.now - 10 * 3_600_000 })
  for (const name of Object.keys(wishes)) wishes[name] = 0.2
  const cluster = house.world.tables.cluster.get('cluster-1')!
  const settings = { ...defaultPowerSettings, mode: 'full' as const, holdMs: 60_000, dwellMs: 60_000 }
  setRow(house.world, 'cluster', 'cluster-1', { ...cluster, power: { ...settings, ...set } })
  return { house, wishes, boards: new Boards(house) }
}

/** Every agent says what its host and VMs use: by name of the VM, in cores. */
export function reportLoad(house: House, wishes: Readonly<Record<string, number>>): void {
  const none = { diskReadBytesPerSecond: 0, diskWriteBytesPerSecond: 0, networkInBytesPerSecond: 0 }
  const rest = { ...none, networkOutBytesPerSecond: 0 }
  for (const id of house.guests.keys()) {
    const live = house.world.live.get(id)!
    live.vms = new Map<string, VmUsage>()
    let cores = 0
    let memoryUsedBytes = gib
    for (const vm of house.world.tables.vm.values())
      if (vm.hostId === id && vm.power === 'running') {
        live.vms.set(vm.uuid, { cpu: wishes[vm.name]!, memoryUsedBytes: gib / 2, ...rest })
        cores += wishes[vm.name]!
        memoryUsedBytes += gib / 2
      }
    live.usage = { cpu: cores / 8, memoryUsedBytes, ...rest }
  }
}

export const busyHosts: ThresholdInput = {
  clusterId: 'cluster-1',
  name: 'Busy hosts',
  metric: 'cpu',
  above: 0.8,
  forMs: 60_000,
  until: 0.6,
  tags: [],
  hostIds: [],
  windows: [],
  cooldownMs: 900_000,
  budget: { movesPerHour: null, bytesPerHour: null },
  minGain: 0.1,
  automation: 'cluster',
  enabled: true,
}

/** The answer to what takes long, at once. */
export function answered<J extends PlanJob, T>({ job, answer }: Asked<J, T>): T {
  return answer(job && runPlanJob(job))
}
