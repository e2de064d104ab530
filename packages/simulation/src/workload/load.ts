import type { LoadPoint } from '@drover/hypervisor/simulated'
import { demand, memoryShare } from '@drover/hypervisor/simulated'
import type { Random } from '../random/random'
import type { Simulation } from '../world/simulation'
import { drawHostRequest } from './host-requests'
import { drawThreshold, drawThresholdChange, type LoadRequest } from './load-requests'
import type { Planned } from './plan'

/** What guests are made to do: those named go over to using so much of their vCPUs and memory (0 to 1), evenly. */
export interface LoadAction {
  kind: 'load'
  vms: string[]
  cpu: number
  memory: number
  /** 0: at once. */
  overMs: number
}

/** Of one change of load, on average. */
const everyMs = 12_000

/** Of one request about sleep, on average. */
const sleepEveryMs = 25_000
/** Of one answer to what is recommended, on average. */
const answerEveryMs = 15_000

/** Hosts that people put to sleep, to see whether they wake up or for the night, and wake. */
export function drawSleep(random: Random, hosts: string[], endMs: number): Planned[] {
  const plan: Planned[] = []
  for (let atMs = 0; ; ) {
    atMs += random.between(sleepEveryMs / 10, sleepEveryMs * 2)
    if (atMs >= endMs) return plan
    const kind = random.weighted({ 'put to sleep': 3, wake: 2 })
    const request = drawHostRequest(random, kind, { hosts, vms: ['none'] })
    plan.push({ atMs, action: { kind: 'ask', request, fitting: true } })
  }
}

/** Rules about load that people make, change and take back, and what they do with what is recommended. */
export function drawThresholds(random: Random, hosts: string[], vms: string[], endMs: number): Planned[] {
  const plan: Planned[] = []
  const ask = (atMs: number, request: LoadRequest): void => {
    plan.push({ atMs, action: { kind: 'ask', request, fitting: false } })
  }
  const names = Array.from({ length: random.between(0, 3) }, (_, i) => `rule-${i + 1}`)
  for (const name of names) {
    const madeAtMs = random.chance(0.7) ? 1 : random.between(1, endMs)
    ask(madeAtMs, drawThreshold(random, name, hosts))
    if (random.chance(0.3)) ask(random.between(madeAtMs, endMs), drawThresholdChange(random, name))
    if (random.chance(0.2)) ask(random.between(madeAtMs, endMs), { kind: 'no threshold', name })
  }
  for (let atMs = 0; ; ) {
    atMs += random.between(answerEveryMs / 10, answerEveryMs * 2)
    if (atMs >= endMs) return plan
    const what = random.weighted({ all: 3, some: 3, dismiss: 1, automate: 1 })
    if (what === 'dismiss') ask(atMs, { kind: 'dismiss' })
    else if (what !== 'automate')
      ask(atMs, { kind: 'apply', share: what === 'all' ? null : random.pick([0.3, 0.6]) })
    else {
      const automation = random.pick(['manual', 'partial', 'full', null] as const)
      ask(atMs, { kind: 'automate', vm: random.pick(vms), automation })
    }
  }
}

/** Loads that rise, fall and spike, of one VM or of all; those that are not named yet do as guests do on average. */
export function drawLoads(random: Random, vms: string[], endMs: number, idle: boolean): Planned[] {
  if (idle) return [{ atMs: 1, action: drawChange(random, [...vms], 'falls') }]
  const plan: Planned[] = [{ atMs: 1, action: drawChange(random, [random.pick(vms)], 'spikes') }]
  for (let atMs = 0; ; ) {
    atMs += random.between(everyMs / 10, everyMs * 2)
    if (atMs >= endMs) return plan
    const how = random.weighted({ rises: 4, falls: 4, spikes: 3 })
    const whom = random.chance(0.15) ? vms : [random.pick(vms)]
    plan.push({ atMs, action: drawChange(random, whom, how) })
  }
}

function drawChange(random: Random, vms: string[], how: 'rises' | 'falls' | 'spikes'): LoadAction {
  const [low, high] = how === 'falls' ? [1, 12] : how === 'rises' ? [20, 80] : [70, 100]
  return {
    kind: 'load',
    vms,
    cpu: random.between(low, high) / 100,
    memory: random.between(how === 'falls' ? 10 : 30, 90) / 100,
    overMs: how === 'spikes' ? 0 : random.between(1_000, 40_000),
  }
}

/** From now on. VMs that are not there are left out. */
export function changeLoad(sim: Simulation, { vms, cpu, memory, overMs }: Omit<LoadAction, 'kind'>): void {
  for (const uuid of uuidsOf(sim, vms)) {
    const now = point(sim, uuid)
    setCourse(
      sim,
      uuid,
      overMs === 0 ? [{ ...now, cpu, memory }] : [now, { at: now.at + overMs, cpu, memory }],
    )
  }
}

/** Everybody goes on as now, for ever: loads stop changing. */
export function holdStill(sim: Simulation): void {
  for (const uuid of uuidsOf(sim, null)) setCourse(sim, uuid, [point(sim, uuid)])
}

/** VMs that there are anywhere, by uuid; null: all. */
function uuidsOf({ truth }: Simulation, names: string[] | null): Set<string> {
  const found = new Set<string>()
  for (const { domains } of truth.hosts.values())
    for (const { uuid, name } of domains.values()) if (!names || names.includes(name)) found.add(uuid)
  return found
}

function point({ truth, now }: Simulation, uuid: string): LoadPoint {
  const profile = truth.profile(uuid)
  return { at: now(), cpu: demand(profile, now()), memory: memoryShare(profile, now()) }
}

function setCourse({ truth }: Simulation, uuid: string, course: LoadPoint[]): void {
  truth.profiles.set(uuid, { ...truth.profile(uuid), course })
}
