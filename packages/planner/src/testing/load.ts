import {
  type BalanceSettings,
  defaultBalanceSettings,
  defaultPowerSettings,
  type LoadHost,
  type LoadMemory,
  type LoadPicture,
  type LoadRules,
  type LoadVm,
  type ThresholdRule,
} from '@drover/model'

const gib = 2 ** 30

/** A Monday at noon (UTC). */
export const monday = Date.UTC(2026, 10, 23, 12)

export const noMemory: LoadMemory = { moves: [], unevenSince: null, lowSince: null, aboveSince: {} }

/** Hosts with 16 cores and 64 GiB; the VMs of each by the cores that they use, of 4 GiB each. */
export function aPicture(on: readonly (readonly number[])[] = [[6, 5, 4], [3], [2]]): LoadPicture {
  const hosts = on.map((cores, i): LoadHost => {
    const sum = cores.reduce((all, one) => all + one, 0)
    return {
      id: `host-${i + 1}`,
      name: `esx-${i + 1}`,
      cores: 16,
      memoryBytes: 64 * gib,
      roomBytes: 62 * gib,
      promisedBytes: cores.length * 4 * gib,
      promisedCpus: cores.length * 8,
      used: { cpu: sum, memory: (2 + cores.length * 3) * gib, disk: 0, network: 0, pressure: 0 },
      accepts: true,
      closed: null,
      standby: 'awake',
      standbySince: 0,
      byHand: false,
      wakeProven: true,
      power: { idleWatts: 100, maxWatts: 250, asleepWatts: 5 },
    }
  })
  const vms = on.flatMap((cores, at) =>
    cores.map((cpu, i): LoadVm => {
      const demand = { cpu, cpuHigh: cpu, memory: 3 * gib, disk: 0, network: 0, pressure: 0, basis: 'a test' }
      return {
        id: `vm-${(at + 1) * 100 + i + 1}`,
        name: `vm-${at + 1}-${i + 1}`,
        vcpus: 8,
        memoryBytes: 4 * gib,
        at,
        towards: -1,
        demand,
        tags: [],
        fixed: null,
        automation: 'full',
        protected: true,
        tier: 1,
        movedAt: null,
        eligible: null,
      }
    }),
  )
  return { at: monday, clusterId: 'cluster-1', clusterName: 'prod', hosts, vms }
}

export function aThreshold(set: Partial<ThresholdRule> = {}): ThresholdRule {
  return {
    id: 'threshold-1',
    clusterId: 'cluster-1',
    name: 'Busy hosts',
    metric: 'cpu',
    above: 0.8,
    forMs: 300_000,
    until: 0.7,
    tags: [],
    hostIds: [],
    windows: [],
    cooldownMs: 900_000,
    budget: { movesPerHour: null, bytesPerHour: null },
    minGain: 0.1,
    automation: 'cluster',
    enabled: true,
    aboveSince: {},
    version: 1,
    createdAt: 0,
    ...set,
  }
}

export function someRules(set: Partial<LoadRules> = {}, balance: Partial<BalanceSettings> = {}): LoadRules {
  return {
    balance: { ...defaultBalanceSettings, ...balance },
    power: defaultPowerSettings,
    thresholds: [],
    rules: [],
    admission: { action: 'off', by: 'hosts', hostFailures: 0, reservedShare: 0 },
    overcommitMemory: false,
    ...set,
  }
}
