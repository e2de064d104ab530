import { defaultPowerSettings, type HostId, type LoadPicture, type LoadRules, type VmId } from '@drover/model'

const gib = 2 ** 30
const minute = 60_000
export const stepMs = 5 * minute
const hourMs = 60 * minute
const dayMs = 24 * hourMs

/** A number from 0 to 1 for these, always the same. */
function chance(...of: number[]): number {
  let x = 0x9e3779b9
  for (const value of of) {
    x = Math.imul(x ^ (value | 0), 0x85ebca6b)
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
    x ^= x >>> 16
  }
  return (x >>> 0) / 2 ** 32
}

/** Hosts of two kinds, VMs of a few sizes, placed one after the other: more or less even, as clusters are. */
export function describeCluster(hosts: number, vms: number, seed: number): LoadPicture {
  const none = { cpu: 0, memory: 0, disk: 0, network: 0, pressure: 0 }
  const picture: LoadPicture = {
    at: 0,
    clusterId: 'cluster-1',
    clusterName: 'blue',
    hosts: Array.from({ length: hosts }, (_, i) => {
      const cores = i % 3 === 0 ? 64 : 48
      const memoryBytes = (i % 3 === 0 ? 512 : 384) * gib
      return {
        id: `host-${i + 1}` as HostId,
        name: `esx-${i + 1}`,
        cores,
        memoryBytes,
        roomBytes: memoryBytes - 8 * gib,
        promisedBytes: 0,
        promisedCpus: 0,
        used: { ...none, cpu: 0.5, memory: 6 * gib },
        accepts: true,
        closed: null,
        standby: 'awake' as const,
        standbySince: 0,
        byHand: false,
        wakeProven: true,
        power: { idleWatts: 150, maxWatts: 400, asleepWatts: 8 },
      }
    }),
    vms: Array.from({ length: vms }, (_, i) => {
      const size = chance(seed, i, 1)
      const vcpus = size < 0.5 ? 2 : size < 0.8 ? 4 : 8
      return {
        id: `vm-${i + 1}` as VmId,
        name: `web-${i + 1}`,
        vcpus,
        memoryBytes: vcpus * (chance(seed, i, 2) < 0.5 ? 2 : 4) * gib,
        at: Math.floor(chance(seed, i, 3) * hosts),
        towards: -1,
        demand: { ...none, cpuHigh: 0, basis: '' },
        tags: [],
        fixed: null,
        automation: 'full' as const,
        protected: true,
        tier: 2,
        movedAt: null,
        eligible: null,
      }
    }),
  }
  for (const { at, memoryBytes, vcpus } of picture.vms) {
    picture.hosts[at]!.promisedBytes += memoryBytes
    picture.hosts[at]!.promisedCpus += vcpus
  }
  return picture
}

/** What a VM did in the five minutes that begin at `at`: a day's rhythm of its own, less on weekends, noise, and spikes. */
export function usageAt(vm: number, vcpus: number, memoryBytes: number, at: number, seed: number) {
  const peakHour = 9 + 8 * chance(seed, vm, 4)
  const swing = 0.2 + 0.7 * chance(seed, vm, 5)
  const level = 0.08 + 0.32 * chance(seed, vm, 6) ** 2
  const hour = (at % dayMs) / hourMs
  const weekday = new Date(at).getUTCDay()
  const rhythm = 1 + swing * Math.cos(((hour - peakHour) / 24) * 2 * Math.PI)
  const rest = weekday === 0 || weekday === 6 ? 0.6 : 1
  const noise = 0.8 + 0.4 * chance(seed, vm, at / stepMs, 7)
  // Once in a few days, for an hour or so, all it has.
  const spike = chance(seed, vm, Math.floor(at / hourMs), 8) < 0.01 ? 0.9 : 0
  const share = Math.min(1, Math.max(level * rhythm * rest * noise, spike))
  const cpuMean = share * vcpus
  const memory =
    memoryBytes * Math.min(0.95, 0.3 + 0.5 * chance(seed, vm, 9) + 0.05 * chance(seed, vm, at / hourMs, 10))
  return {
    cpuMean,
    cpuP95: Math.min(vcpus, cpuMean * 1.25),
    cpuMax: Math.min(vcpus, cpuMean * 1.5),
    memoryMean: memory,
    memoryMax: memory,
    diskMean: share * 4e6,
    networkMean: share * 2e6,
    pressureMean: 0,
  }
}

/** What a cluster without rules does, and rules worth asking about: balance, a threshold, and hosts that sleep at night. */
export function exampleRules(): { present: LoadRules; proposed: LoadRules } {
  const balance: LoadRules['balance'] = {
    mode: 'full',
    level: 3,
    by: 'actual-load',
    aim: 'spread',
    spread: 0.05,
    limit: 0.9,
    weights: { cpu: 0.5, memory: 0.5 },
    minGain: 0.0002,
    minShare: 0.001,
    worthwhile: 0.02,
    holdMs: 300_000,
    cooldownMs: 900_000,
    movesAtOnce: 2,
    budget: { movesPerHour: 30, bytesPerHour: null },
    windows: [],
    version: 1,
    unevenSince: null,
  }
  const admission: LoadRules['admission'] = {
    by: 'hosts',
    hostFailures: 1,
    reservedShare: 0.1,
    action: 'refuse',
  } as LoadRules['admission']
  const present: LoadRules = {
    balance,
    power: defaultPowerSettings,
    thresholds: [],
    rules: [],
    admission,
    overcommitMemory: false,
  }
  const threshold: LoadRules['thresholds'][number] = {
    id: 'threshold-1',
    clusterId: 'cluster-1',
    name: 'busy hosts',
    metric: 'cpu',
    above: 0.8,
    forMs: 600_000,
    until: 0.7,
    tags: [],
    hostIds: [],
    windows: [],
    cooldownMs: 1_800_000,
    budget: { movesPerHour: 20, bytesPerHour: null },
    minGain: 0.05,
    automation: 'cluster',
    enabled: true,
    aboveSince: {},
    version: 1,
    createdAt: 0,
  }
  const power = { ...defaultPowerSettings, mode: 'full' as const }
  return { present, proposed: { ...present, power, thresholds: [threshold] } }
}
