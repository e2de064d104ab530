import {
  defaultBalanceSettings,
  type LoadMemory,
  type LoadPicture,
  type LoadRules,
  type LoadVerdict,
  type ThresholdRule,
  type TimeWindow,
} from '@drover/model'
import { describe, expect, it } from 'vitest'
import { aPicture, aThreshold, monday, noMemory, someRules } from '../testing/load'
import { judgeLoad } from './judge'
import { whyNoLonger } from './recheck'

const minute = 60_000
const hour = 60 * minute
const gib = 2 ** 30

/** Looks every 20 s from the picture's moment on, and remembers; the first verdict with a proposal, or the last. */
function wait(
  rules: LoadRules,
  ms: number,
  picture = aPicture(),
  memory: LoadMemory = noMemory,
): LoadVerdict {
  let verdict: LoadVerdict | null = null
  let kept = memory
  for (let past = 0; past <= ms; past += 20_000) {
    verdict = judgeLoad({ ...picture, at: picture.at + past }, rules, kept)
    if (verdict.proposals.length > 0) return verdict
    kept = verdict.memory
  }
  return verdict!
}

/** What would be done now, had everything lasted long enough. */
const now = (rules: LoadRules, picture = aPicture(), memory = noMemory) =>
  judgeLoad(picture, rules, memory, { holdPassed: true })

const ways = ({ proposals }: LoadVerdict, picture = aPicture()) =>
  proposals.flatMap(({ moves }) =>
    moves.map(
      ({ vm, from, to }) =>
        `${picture.vms[vm]!.name}: ${picture.hosts[from]!.name} > ${picture.hosts[to]!.name}`,
    ),
  )

/** One threshold, and a balance that does nothing of its own. */
const only = (set: Partial<ThresholdRule> = {}, more: Partial<LoadRules> = {}): LoadRules =>
  someRules({ thresholds: [aThreshold(set)], ...more }, { mode: 'full', aim: 'overload', limit: 1 })

/** The cores that all VMs use on each host. */
const loads = (picture: LoadPicture) =>
  picture.hosts.map((_, host) =>
    picture.vms.reduce((sum, vm) => sum + (vm.at === host ? vm.demand.cpu : 0), 0),
  )

const used = (cores: readonly number[]): LoadPicture => {
  const picture = aPicture()
  return {
    ...picture,
    hosts: picture.hosts.map((host, i) => ({ ...host, used: { ...host.used, cpu: cores[i]! } })),
  }
}

describe('a threshold', () => {
  it('waits for its hold time, then moves VMs until the host is under where relief ends', () => {
    const rules = only()
    const early = wait(rules, 5 * minute - 20_000)
    expect(early.proposals).toEqual([])
    expect(early.held[0]!.text).toMatch(
      /CPU of esx-1 is 94 %, above 80 % for 4 min 40 s.*waited for 20 s more/,
    )
    const verdict = wait(rules, 5 * minute)
    const [proposal] = verdict.proposals
    expect(proposal).toMatchObject({ automatic: true, by: 'threshold-1' })
    expect(proposal!.hosts[0]!.before.cpu).toBeGreaterThan(0.8)
    for (const { after } of proposal!.hosts) expect(after.cpu).toBeLessThanOrEqual(0.7)
    for (const { text, against } of proposal!.moves) {
      expect(text).toMatch(/^Rule "Busy hosts": moving vm-1-\d from esx-1 to esx-\d takes CPU of esx-1 from/)
      expect(against).toHaveLength(1)
    }
    // The hold time begins anew.
    expect(verdict.memory.aboveSince['threshold-1']).toEqual({})
  })

  it('says that another rule brings its host where it is to come already', () => {
    const higher = aThreshold({ id: 'threshold-2', name: 'Very busy', above: 0.85, until: 0.75 })
    const { proposals, held } = now(only({}, { thresholds: [aThreshold(), higher] }))
    expect(proposals.map(({ by }) => by)).toEqual(['threshold-1'])
    expect(held.map(({ by, text }) => `${by}: ${text}`)).toEqual([
      expect.stringMatching(/^threshold-2: .* under 75 %\. What other rules propose brings it there\.$/),
    ])
  })

  it('counts on through a dip that is none to speak of, and begins anew after one that is', () => {
    const rules = only()
    const begun = judgeLoad(used([13.5, 3, 2]), rules, noMemory).memory
    const since = begun.aboveSince['threshold-1']!['host-1']!
    const at = monday + minute
    const dip = judgeLoad({ ...used([12.6, 3, 2]), at }, rules, begun).memory
    expect(dip.aboveSince['threshold-1']).toEqual({ 'host-1': since })
    const gone = judgeLoad({ ...used([12.2, 3, 2]), at }, rules, begun).memory
    expect(gone.aboveSince['threshold-1']).toEqual({})
    // While it is only in the dip nothing is moved, however long that lasts.
    expect(judgeLoad({ ...used([12.6, 3, 2]), at: at + hour }, rules, begun).proposals).toEqual([])
  })

  it('begins anew while VMs are being moved off the host, and counts on while nothing may be planned', () => {
    const rules = only()
    const memory = { ...noMemory, aboveSince: { 'threshold-1': { 'host-1': monday - hour } } }
    const picture = aPicture()
    const leaving = { ...picture, vms: picture.vms.map((vm, i) => (i === 0 ? { ...vm, towards: 1 } : vm)) }
    expect(judgeLoad(leaving, rules, memory).memory.aboveSince['threshold-1']).toEqual({})
    const watched = judgeLoad(picture, rules, memory, { watchOnly: true })
    expect(watched.proposals).toEqual([])
    expect(watched.memory.aboveSince).toEqual(memory.aboveSince)
  })

  it('holds within its windows only, by the clock on the wall, also over midnight and when clocks change', () => {
    const night = (days: number[]): TimeWindow[] => [
      { days, from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' },
    ]
    const acts = (windows: TimeWindow[], at: number) =>
      now(only({ windows }), { ...aPicture(), at }).proposals.length > 0
    const at = (day: number, hours: number, minutes = 0) => Date.UTC(2026, 10, day, hours, minutes)
    // Monday, 23 November 2026; Berlin is an hour ahead.
    expect(acts(night([1]), at(23, 20, 59))).toBe(false)
    expect(acts(night([1]), at(23, 21, 0))).toBe(true)
    expect(acts(night([1]), at(24, 4, 59))).toBe(true)
    expect(acts(night([1]), at(24, 5, 0))).toBe(false)
    // The night belongs to the day on which it began.
    expect(acts(night([1]), at(23, 4, 0))).toBe(false)
    expect(acts(night([0]), at(23, 4, 0))).toBe(true)
    // On 29 March 2026 clocks go from 2 to 3: the window ends at 4:00 UTC, the night before at 5:00 UTC.
    expect(acts(night([6]), Date.UTC(2026, 2, 29, 3, 59))).toBe(true)
    expect(acts(night([6]), Date.UTC(2026, 2, 29, 4, 0))).toBe(false)
    expect(acts(night([5]), Date.UTC(2026, 2, 28, 4, 59))).toBe(true)
    // On 25 October the hour from 2 to 3 comes twice, and both are night.
    expect(
      acts(
        [{ days: [0], from: '02:00', to: '03:00', timeZone: 'Europe/Berlin' }],
        Date.UTC(2026, 9, 25, 0, 30),
      ),
    ).toBe(true)
    expect(
      acts(
        [{ days: [0], from: '02:00', to: '03:00', timeZone: 'Europe/Berlin' }],
        Date.UTC(2026, 9, 25, 1, 30),
      ),
    ).toBe(true)
    expect(
      acts(
        [{ days: [0], from: '02:00', to: '03:00', timeZone: 'Europe/Berlin' }],
        Date.UTC(2026, 9, 25, 2, 30),
      ),
    ).toBe(false)
  })

  it('moves only VMs with its tags, off its hosts, that have not just been moved', () => {
    const picture = aPicture()
    const tagged = {
      ...picture,
      vms: picture.vms.map((vm) => ({ ...vm, tags: vm.name === 'vm-1-3' ? ['batch'] : [] })),
    }
    expect(ways(now(only({ tags: ['batch'] }), tagged))).toEqual([expect.stringContaining('vm-1-3: esx-1')])
    expect(now(only({ hostIds: ['host-2'] })).proposals).toEqual([])
    const cooling = { ...picture, vms: picture.vms.map((vm) => ({ ...vm, movedAt: monday - 14 * minute })) }
    const held = now(only(), cooling)
    expect(held.proposals).toEqual([])
    expect(held.held[0]!.text).toMatch(/None of the 3 VMs there may be moved now/)
    expect(now(only(), { ...cooling, at: monday + 2 * minute }).proposals).toHaveLength(1)
  })

  it('lets go at once of what was brought so that another host could sleep, where that is too much', () => {
    const moved = (picture: LoadPicture): LoadPicture => ({
      ...picture,
      vms: picture.vms.map((vm) => ({ ...vm, movedAt: monday - minute, gathered: true })),
    })
    expect(now(only(), moved(aPicture())).proposals).toHaveLength(1)
    const balanced = someRules({}, { mode: 'full', aim: 'spread', limit: 0.95 })
    expect(now(balanced).proposals).toHaveLength(1)
    expect(now(balanced, moved(aPicture())).proposals).toEqual([])
    expect(now(balanced, moved(aPicture([[6, 5, 5], [3], [2]]))).proposals).toHaveLength(1)
  })

  it('keeps to its budget of moves and bytes an hour, its own moves only', () => {
    const busy = aPicture([[4, 4, 4, 4], [], []])
    const full = now(only({ until: 0.4 }), busy)
    expect(full.proposals[0]!.moves.length).toBeGreaterThan(1)
    const past = (by: string, ago: number) => ({ vmId: 'vm-9', at: monday - ago, bytes: 4 * gib, by })
    const budget = { movesPerHour: 2, bytesPerHour: null }
    const spent = { ...noMemory, moves: [past('threshold-1', 30 * minute), past('balance', minute)] }
    const one = now(only({ until: 0.4, budget }), busy, spent)
    expect(one.proposals[0]!.moves).toHaveLength(1)
    expect(one.held[0]!.text).toMatch(/1 move more would be made; the budget of 2 moves an hour is used up/)
    const bytes = now(
      only({ until: 0.4, budget: { movesPerHour: null, bytesPerHour: 7 * gib } }),
      busy,
      spent,
    )
    expect(bytes.proposals).toEqual([])
    const old = { ...noMemory, moves: [past('threshold-1', hour)] }
    expect(now(only({ until: 0.4, budget }), busy, old).proposals[0]!.moves).toHaveLength(2)
  })

  it('fills nobody over where it is content, nor over what other rules and the cluster allow', () => {
    const two = aPicture([[6, 5, 4], [9]])
    const verdict = now(only(), two)
    expect(verdict.proposals.length).toBeLessThan(2)
    for (const { hosts } of verdict.proposals) expect(hosts[1]!.after.cpu).toBeLessThanOrEqual(0.7)
    // The other host is watched by a rule that wants it under 25 %.
    const quiet = aThreshold({
      id: 'threshold-2',
      name: 'Quiet',
      above: 0.3,
      until: 0.25,
      hostIds: ['host-2'],
    })
    const rules = only({}, { thresholds: [aThreshold(), quiet] })
    const guarded = now(rules, aPicture([[6, 5, 4], [3], [2]]))
    expect(ways(guarded).every((way) => way.endsWith('esx-3'))).toBe(true)
    const [{ against }] = guarded.proposals[0]!.moves as [{ against: { text: string }[] }]
    expect(against[0]!.text).toBe('would have more CPU than 25 %, the limit of the rule "Quiet"')
  })

  it('counts what VMs wanted and did not get, and relieves pressure', () => {
    const picture = aPicture([[4, 4], [1], [1]])
    const starved = {
      ...picture,
      vms: picture.vms.map((vm) => (vm.at === 0 ? { ...vm, demand: { ...vm.demand, pressure: 0.4 } } : vm)),
    }
    // 8 of 16 cores are used; another 6.4 are wanted.
    expect(now(only(), picture).proposals).toEqual([])
    expect(now(only(), starved).proposals[0]!.text).toMatch(
      /CPU of esx-1 is 90 %, above 80 %.* \(50 % is used, 40 % is waited for\)/,
    )
    const stalled = {
      ...picture,
      hosts: picture.hosts.map((host, i) => ({
        ...host,
        used: { ...host.used, pressure: i === 0 ? 0.5 : 0 },
      })),
    }
    const verdict = now(only({ metric: 'pressure', above: 0.4, until: 0.3 }), stalled)
    expect(verdict.proposals[0]!.text).toMatch(/pressure of esx-1 is 50 %, above 40 %/)
    expect(verdict.proposals[0]!.moves).toHaveLength(1)
  })

  it('goes by what hosts use now where their VMs have more to do than they are expected to', () => {
    const picture = aPicture([[1, 1, 1], [1], [1]])
    const spike = {
      ...picture,
      hosts: picture.hosts.map((host, i) => ({ ...host, used: { ...host.used, cpu: i === 0 ? 14 : 1 } })),
      vms: picture.vms.map((vm) => {
        const cpu = vm.name === 'vm-1-2' ? 8 : vm.name === 'vm-1-1' ? 5 : 1
        return { ...vm, now: { cpu, memory: 3 * gib, disk: 0, network: 0 } }
      }),
    }
    const verdict = now(only(), spike)
    expect(verdict.proposals[0]!.hosts[0]!.before.cpu).toBeCloseTo(14 / 16)
    expect(verdict.proposals[0]!.hosts[0]!.after.cpu).toBeLessThanOrEqual(0.7)
  })

  it('relieves disks and networks by their rates', () => {
    const picture = aPicture()
    const rates = {
      ...picture,
      hosts: picture.hosts.map((host, i) => ({
        ...host,
        used: { ...host.used, network: i === 0 ? 9e8 : 1e7 },
      })),
      vms: picture.vms.map((vm) => ({ ...vm, demand: { ...vm.demand, network: vm.at === 0 ? 3e8 : 1e7 } })),
    }
    const verdict = now(only({ metric: 'network', above: 8e8, until: 7e8 }), rates)
    expect(ways(verdict)).toHaveLength(1)
    expect(verdict.proposals[0]!.text).toMatch(/network traffic of esx-1 is 900 MB\/s, above 800 MB\/s/)
  })

  it('asks where it, its cluster or a VM says so, and does by itself what it may', () => {
    expect(now(only({ automation: 'manual' })).proposals[0]!.automatic).toBe(false)
    const partial = someRules({ thresholds: [aThreshold()] }, { mode: 'partial', aim: 'overload', limit: 1 })
    expect(now(partial).proposals[0]!.automatic).toBe(false)
    const own = { ...partial, thresholds: [aThreshold({ automation: 'full' })] }
    expect(now(own).proposals[0]!.automatic).toBe(true)
    const off = someRules({ thresholds: [aThreshold({ automation: 'full' })] }, { mode: 'off' })
    expect(now(off).proposals).toEqual([])
    // Only the smallest VM may go without asking; that is not enough.
    const picture = aPicture()
    const shy = {
      ...picture,
      vms: picture.vms.map((vm) => ({
        ...vm,
        automation: vm.name === 'vm-1-3' ? ('full' as const) : ('manual' as const),
      })),
    }
    const { proposals } = now(only({ until: 0.5 }), shy)
    expect(proposals.map(({ automatic }) => automatic)).toEqual([true, false])
    expect(ways({ proposals: [proposals[0]!], held: [], memory: noMemory })).toEqual([
      expect.stringContaining('vm-1-3'),
    ])
    expect(proposals[1]!.moves.some(({ vm }) => picture.vms[vm]!.name === 'vm-1-3')).toBe(false)
  })
})

describe('every state on the way', () => {
  it('is feasible in memory, and keeps strict rules', () => {
    let moved = 0
    for (let seed = 1; seed <= 40; seed += 1) {
      const cores = (n: number) => ((seed * 7919 + n * 104_729) % 5) + 1
      const picture = aPicture(
        [0, 1, 2, 3].map((h) => [...Array(h === 0 ? 5 : 2).keys()].map((i) => cores(h * 10 + i))),
      )
      const tight = { ...picture, hosts: picture.hosts.map((host) => ({ ...host, roomBytes: 20 * gib })) }
      const apart = tight.vms.filter(({ at }) => at !== 0).map(({ id }) => id)
      const rule = {
        id: 'rule-1',
        clusterId: 'cluster-1',
        name: 'apart',
        kind: 'vm-vm',
        relation: 'apart',
        strict: true,
        vmIds: [tight.vms[0]!.id, apart[0]!],
        hosts: [],
        enabled: true,
        version: 1,
        createdAt: 0,
      } as const
      const rules = only(
        { above: 0.5, until: 0.45 },
        { rules: [{ ...rule, vmIds: [...rule.vmIds], hosts: [] }] },
      )
      const promised = tight.hosts.map(({ promisedBytes }) => promisedBytes)
      const at = tight.vms.map((vm) => vm.at)
      for (const { vm, from, to } of now(rules, tight).proposals.flatMap(({ moves }) => moves)) {
        expect(at[vm]).toBe(from)
        // Both ends hold it while it moves.
        promised[to]! += 4 * gib
        expect(promised[to]).toBeLessThanOrEqual(20 * gib)
        promised[from]! -= 4 * gib
        at[vm] = to
        const [a, b] = rule.vmIds.map((id) => at[tight.vms.findIndex((one) => one.id === id)])
        expect(a).not.toBe(b)
        moved += 1
      }
    }
    expect(moved).toBeGreaterThan(20)
  })
})

describe('the balance', () => {
  it('waits, moves a few at once, and says why and why not elsewhere', () => {
    const rules = someRules({}, { mode: 'full' })
    expect(wait(rules, 4 * minute).proposals).toEqual([])
    const verdict = wait(rules, 5 * minute)
    expect(verdict.proposals[0]!.moves.length).toBeLessThanOrEqual(2)
    expect(verdict.proposals[0]!.moves[0]!.text).toMatch(/^Balance: moving .* CPU is .* apart between hosts/)
    expect(verdict.memory.unevenSince).toBeNull()
    expect(loads(aPicture())[0]).toBe(15)
  })

  it('evens out large clusters, too, where each move betters the score by little', () => {
    const uneven = aPicture(Array.from({ length: 60 }, (_, host) => Array(6).fill(host % 2 === 0 ? 2 : 0.5)))
    const [proposal] = now(someRules({}, { mode: 'full', movesAtOnce: 64 }), uneven).proposals
    expect(proposal?.moves).toHaveLength(defaultBalanceSettings.budget.movesPerHour!)
    expect(proposal!.after.cpu).toBeLessThan(proposal!.before.cpu * 0.6)
  })

  it('sees an overload by what is used now, whatever is expected', () => {
    const picture = aPicture([[1, 1, 1], [1], [1]])
    const now3 = [8, 4, 3, 1, 1]
    const spike = {
      ...picture,
      hosts: picture.hosts.map((host, i) => ({ ...host, used: { ...host.used, cpu: i === 0 ? 15 : 1 } })),
      vms: picture.vms.map((vm, i) => ({
        ...vm,
        now: { cpu: now3[i]!, memory: 3 * gib, disk: 0, network: 0 },
      })),
    }
    const rules = someRules({}, { mode: 'full', aim: 'overload' })
    expect(now(rules, picture).proposals).toEqual([])
    expect(now(rules, spike).proposals[0]!.moves[0]!.text).toMatch(/takes an overload off esx-1/)
  })

  it('does nothing outside of its windows by itself, and recommends it', () => {
    const windows = [{ days: [0], from: '00:00', to: '23:00', timeZone: 'UTC' }]
    const [proposal] = now(someRules({}, { mode: 'full', windows })).proposals
    expect(proposal!.automatic).toBe(false)
  })

  it('leaves hosts under what thresholds call relieved, so that one does not undo the other', () => {
    const quiet = aThreshold({ above: 0.25, until: 0.2, hostIds: ['host-2', 'host-3'] })
    const verdict = now(someRules({ thresholds: [quiet] }, { mode: 'full', movesAtOnce: 64 }))
    for (const { hosts } of verdict.proposals)
      for (const { after } of hosts.slice(1)) expect(after.cpu).toBeLessThanOrEqual(0.2)
  })
})

describe('a step that was planned', () => {
  const rules = only()
  const step = [{ vm: 0, from: 0, to: 1 }]
  it('is left when it is not needed any more, or would do harm', () => {
    expect(whyNoLonger(aPicture(), rules, 'threshold-1', step)).toBeNull()
    expect(whyNoLonger(used([9, 3, 2]), rules, 'threshold-1', step)).toMatch(
      /esx-1 is under 70 % of CPU by now without it/,
    )
    expect(whyNoLonger(used([15, 12, 2]), rules, 'threshold-1', step)).toMatch(
      /esx-2 would by now have too much CPU itself: 113 %/,
    )
    expect(whyNoLonger(aPicture(), { ...rules, thresholds: [] }, 'threshold-1', step)).toMatch(
      /does not hold any more/,
    )
    const even = someRules({}, { mode: 'full' })
    expect(whyNoLonger(aPicture(), even, 'balance', step)).toBeNull()
    expect(whyNoLonger(aPicture(), even, 'balance', [{ vm: 3, from: 1, to: 0 }])).toMatch(
      /no longer even out/,
    )
  })
})
