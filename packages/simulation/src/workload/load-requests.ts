import {
  type Decide,
  decideApply,
  decideChangeAutomation,
  decideDismiss,
  decideThresholdChange,
  decideThresholdCreate,
  decideThresholdDelete,
} from '@drover/engine'
import type {
  HostId,
  LoadDecision,
  ThresholdInput,
  ThresholdRule,
  TimeWindow,
  Vm,
  World,
} from '@drover/model'
import type { Random } from '../random/random'
import { taggedAs } from '../world/site'

type Words = Omit<ThresholdInput, 'clusterId' | 'hostIds'> & { hosts: string[] }

/** What an operator asks for about load. */
export type LoadRequest =
  | ({ kind: 'threshold' } & Words)
  | { kind: 'change threshold'; name: string; changes: Partial<Omit<Words, 'hosts' | 'name'>> }
  | { kind: 'no threshold'; name: string }
  /** What is recommended last. `share`: so much of its moves; null: all of it, as a whole. */
  | { kind: 'apply'; share: number | null }
  | { kind: 'dismiss' }
  | { kind: 'automate'; vm: string; automation: Vm['automation'] | null }

const GiB = 1024 ** 3
const MB = 1e6
const everyDay = [0, 1, 2, 3, 4, 5, 6]

/** Most rules hold always; others begin or end in the middle of a run, which begins at nine, or are over. */
function drawWindows(random: Random): TimeWindow[] {
  const when = random.weighted({ always: 7, later: 1, ends: 1, over: 1 })
  if (when === 'always') return []
  const [from, to] = {
    later: ['09:01', '12:00'] as const,
    ends: ['08:00', '09:02'] as const,
    over: ['08:00', '09:00'] as const,
  }[when]
  return [{ days: everyDay, from, to, timeZone: 'UTC' }]
}

export function drawThreshold(random: Random, name: string, hosts: string[]): LoadRequest {
  const metric = random.weighted({ cpu: 6, memory: 3, pressure: 1, network: 1, disk: 1 })
  const rate = metric === 'network' || metric === 'disk'
  const above = rate ? random.between(2, 60) * MB : random.between(25, 90) / 100
  return {
    kind: 'threshold',
    ...{ name, metric, above, until: above * (random.between(50, 95) / 100) },
    forMs: random.pick([0, 10_000, 20_000, 40_000]),
    tags: random.chance(0.25) ? [taggedAs] : [],
    hosts: random.chance(0.25) ? hosts.filter(() => random.chance(0.5)) : [],
    windows: drawWindows(random),
    cooldownMs: random.pick([10_000, 30_000, 120_000, 900_000]),
    budget: {
      movesPerHour: random.pick([1, 3, 30, null]),
      bytesPerHour: random.pick([null, null, GiB, 4 * GiB]),
    },
    minGain: random.pick([0, 0.1, 0.3]),
    automation: random.weighted({ cluster: 3, full: 4, manual: 3 }),
    enabled: random.chance(0.9),
  }
}

/** Another word of a rule, or several. */
export function drawThresholdChange(random: Random, name: string): LoadRequest {
  const { above, until } = { above: random.between(40, 80) / 100, until: random.between(20, 39) / 100 }
  return {
    kind: 'change threshold',
    name,
    changes: random.pick([
      { enabled: random.chance(0.5) },
      { automation: random.pick(['manual', 'full', 'cluster'] as const) },
      { metric: 'cpu', above, until },
      { forMs: random.pick([10_000, 40_000]) },
      { budget: { movesPerHour: 1, bytesPerHour: null } },
      { tags: random.chance(0.5) ? [taggedAs] : [] },
      { cooldownMs: 900_000 },
    ] as const) as Partial<Omit<Words, 'hosts' | 'name'>>,
  }
}

/** The decision that the API would have the writer make for it. */
export function loadDecision(request: LoadRequest): Decide<unknown> {
  return (world, ctx) => {
    const thresholdId = 'name' in request ? (thresholdNamed(world, request.name)?.id ?? 'threshold-0') : ''
    switch (request.kind) {
      case 'threshold': {
        const { kind: _, hosts, ...words } = request
        const [cluster] = world.tables.cluster.values()
        return decideThresholdCreate(
          world,
          { ...words, clusterId: cluster!.id, hostIds: idsOf(world, hosts) },
          ctx,
        )
      }
      case 'change threshold':
        return decideThresholdChange(world, { thresholdId, changes: request.changes }, ctx)
      case 'no threshold':
        return decideThresholdDelete(world, { thresholdId }, ctx)
      case 'apply': {
        const decision = lastOpen(world)
        const moves = request.share === null ? null : someOf(decision, request.share)
        return decideApply(world, { decisionId: decision?.id ?? 'decision-0', moves }, ctx)
      }
      case 'dismiss':
        return decideDismiss(world, { decisionId: lastOpen(world)?.id ?? 'decision-0' }, ctx)
      case 'automate': {
        const vm = [...world.tables.vm.values()].find(({ name }) => name === request.vm)
        return decideChangeAutomation(world, { vmId: vm?.id ?? 'vm-0', automation: request.automation }, ctx)
      }
    }
  }
}

function thresholdNamed(world: World, name: string): ThresholdRule | undefined {
  return [...world.tables.threshold.values()].find((rule) => rule.name === name)
}

function idsOf(world: World, names: string[]): HostId[] {
  return [...world.tables.host.values()].filter(({ name }) => names.includes(name)).map(({ id }) => id)
}

function lastOpen(world: World): LoadDecision | undefined {
  return [...world.tables.decision.values()].filter(({ state }) => state === 'open').at(-1)
}

/** The last ones: what comes first is what they may have been planned to follow. */
function someOf(decision: LoadDecision | undefined, share: number): number[] {
  const open = [...(decision?.moves.keys() ?? [])].filter((i) => decision!.moves[i]!.state === 'open')
  return open.slice(-Math.max(1, Math.floor(share * open.length)))
}
