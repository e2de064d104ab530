import {
  defaultBalanceSettings,
  defaultPowerSettings,
  type LoadMemory,
  type LoadPicture,
  type LoadRules,
  type PowerSettings,
} from '@drover/model'
import { describe, expect, it } from 'vitest'
import { aPicture, monday, noMemory, someRules } from '../testing/load'
import { judgeLoad } from './judge'
import { judgePower } from './power'
import { whyNotSpared } from './powerSpare'

const minute = 60_000
const hour = 60 * minute

function rulesWith(power: Partial<PowerSettings> = {}, set: Partial<LoadRules> = {}): LoadRules {
  return someRules({
    power: { ...defaultPowerSettings, mode: 'full', minAwake: 1, ...power },
    admission: { action: 'warn', by: 'hosts', hostFailures: 1, reservedShare: 0 },
    ...set,
  })
}

/** Four hosts with little to do. */
const idle = () => aPicture([[2], [2], [1], [1]])
const long: LoadMemory = { ...noMemory, lowSince: monday - hour }

const asleep = (picture: LoadPicture, index: number, set: Partial<LoadPicture['hosts'][number]> = {}) => {
  Object.assign(picture.hosts[index]!, { standby: 'asleep', accepts: true, standbySince: 0, ...set })
  picture.vms = picture.vms.filter(({ at }) => at !== index)
  Object.assign(picture.hosts[index]!, {
    promisedBytes: 0,
    used: { ...picture.hosts[index]!.used, cpu: 0, memory: 0 },
  })
  return picture
}

const sleepers = (picture: LoadPicture, rules: LoadRules, memory: LoadMemory = long) =>
  (judgePower(picture, rules, memory).sleep?.sleep ?? []).map(({ host }) => host)
const woken = (picture: LoadPicture, rules: LoadRules) =>
  (judgePower(picture, rules, noMemory).wake?.wake ?? []).map(({ host }) => host)

describe('who sleeps', () => {
  it('is a host that nobody needs, with a place for all that it runs, and says what it saves', () => {
    const { sleep } = judgePower(idle(), rulesWith(), long)
    expect(sleep).toMatchObject({ by: 'power', automatic: true })
    expect(sleep!.sleep).toHaveLength(1)
    const [{ host }] = sleep!.sleep as [{ host: number }]
    expect(sleep!.moves.map(({ from }) => from)).toEqual(sleep!.moves.map(() => host))
    expect(sleep!.after.watts).toBeLessThan(sleep!.before.watts - 80)
    for (const { against, to } of sleep!.moves) {
      expect(against.map((one) => one.host).sort()).toEqual(
        [0, 1, 2, 3].filter((i) => i !== to && i !== host),
      )
      for (const { text } of against) expect(text).not.toBe('')
    }
  })

  it('is found out however little of other plans is worked out', () => {
    const hosts = Array.from({ length: 24 }, () => [1, 1])
    const { proposals } = judgeLoad(aPicture(hosts), rulesWith(), long, { rounds: 1, explain: false })
    expect(proposals.flatMap(({ sleep }) => sleep)).toHaveLength(3)
  })

  it('is nobody before the hold time has passed, or while rules are only to be told of', () => {
    const verdict = judgePower(idle(), rulesWith(), noMemory)
    expect(verdict.sleep).toBeNull()
    expect(verdict.lowSince).toBe(monday)
    expect(verdict.held[0]!.text).toContain('stay low for another 15 min')
    expect(sleepers(idle(), rulesWith(), { ...noMemory, lowSince: monday - 14 * minute })).toEqual([])
    expect(sleepers(idle(), rulesWith(), { ...noMemory, lowSince: monday - 15 * minute })).toHaveLength(1)
    expect(judgePower(idle(), rulesWith(), long, { watchOnly: true }).sleep).toBeNull()
  })

  it('is nobody when there is no time to look, which is no reason to count anew, and no time that moves would need', () => {
    const { sleep, lowSince, held } = judgePower(idle(), rulesWith(), long, { mayGoOn: () => false })
    expect(sleep).toBeNull()
    expect(lowSince).toBe(long.lowSince)
    expect(held.map(({ text }) => text)).toEqual(['There was no time to find out who could sleep.'])
    const uneven = aPicture([[5, 5, 5], [1], [1], [1]])
    const balance = { ...defaultBalanceSettings, mode: 'full' as const }
    let asked = 0
    const count = (most: number) => ({
      holdPassed: true,
      mayGoOn: () => {
        asked += 1
        return asked <= most
      },
    })
    judgeLoad(uneven, rulesWith({ mode: 'off' }, { balance }), noMemory, count(1_000))
    const enough = asked
    asked = 0
    const { proposals } = judgeLoad(uneven, rulesWith({}, { balance }), noMemory, count(enough))
    expect(proposals.map(({ by }) => by)).toContain('balance')
  })

  it('is a few at a time where there are many: each move is explained for every host', () => {
    const large = aPicture(Array.from({ length: 400 }, () => [0.2, 0.2]))
    const budget = { movesPerHour: null, bytesPerHour: null }
    const rules = rulesWith({}, { balance: { ...defaultBalanceSettings, budget } })
    const { sleep } = judgePower(large, rules, long)
    expect(sleep!.sleep).toHaveLength(25)
    expect(sleep!.moves).toHaveLength(50)
  })

  it('is recommended where the mode is manual, and nobody where it is off', () => {
    expect(judgePower(idle(), rulesWith({ mode: 'manual' }), long).sleep!.automatic).toBe(false)
    expect(judgePower(idle(), rulesWith({ mode: 'off' }), long).sleep).toBeNull()
  })

  it('never is one whose wake-up was not proven, or that the rules do not name', () => {
    const picture = idle()
    for (const host of picture.hosts) host.wakeProven = false
    const verdict = judgePower(picture, rulesWith(), long)
    expect(verdict.sleep).toBeNull()
    expect(verdict.stays[0]!.text).toContain('never shown')
    picture.hosts[1]!.wakeProven = true
    expect(sleepers(picture, rulesWith())).toEqual([1])
    expect(sleepers(picture, rulesWith({ hostIds: ['host-3'] }))).toEqual([])
    expect(sleepers(idle(), rulesWith({ hostIds: ['host-2'] }))).toEqual([1])
  })

  it('leaves as many awake as are to be, and as a failure needs', () => {
    expect(sleepers(idle(), rulesWith({ minAwake: 4 }))).toEqual([])
    const two = aPicture([[1], [1]])
    const verdict = judgePower(two, rulesWith(), long)
    expect(verdict.sleep).toBeNull()
    expect(verdict.stays.every(({ text }) => text.includes('no place') || text.includes('survived'))).toBe(
      true,
    )
    const none = { admission: { action: 'warn', by: 'hosts', hostFailures: 0, reservedShare: 0 } } as const
    expect(sleepers(two, rulesWith({}, none))).toHaveLength(1)
    const share = {
      admission: { action: 'warn', by: 'share', hostFailures: 0, reservedShare: 0.95 },
    } as const
    expect(sleepers(idle(), rulesWith({}, share))).toEqual([])
  })

  it('leaves a host for the failure of another also while nothing runs that is to be kept', () => {
    const two = aPicture([[1], [1]])
    for (const vm of two.vms) vm.protected = false
    expect(sleepers(two, rulesWith())).toEqual([])
    expect(woken(asleep(two, 1), rulesWith())).toEqual([1])
  })

  it('counts on a host for the start after a failure that nothing can be moved to', () => {
    const picture = aPicture([[1], [1], []])
    for (const vm of picture.vms.filter(({ at }) => at === 0))
      Object.assign(vm, { eligible: [0], restartable: [0, 2] })
    expect(sleepers(picture, rulesWith())).toEqual([1])
    for (const vm of picture.vms) vm.restartable = null
    expect(sleepers(picture, rulesWith())).toEqual([2])
  })

  it('is nobody when the others would be fuller than they are to be, the reserve included', () => {
    const busy = aPicture([[8], [8], [8]])
    const one = { admission: { action: 'off', by: 'hosts', hostFailures: 0, reservedShare: 0 } } as const
    expect(sleepers(busy, rulesWith({ fillTo: 0.85, wakeAbove: 0.95, reserve: 0 }, one))).toEqual([])
    const less = aPicture([[6], [5], [1, 1, 1, 1]])
    expect(sleepers(less, rulesWith({ fillTo: 0.75, reserve: 0 }, one))).toHaveLength(1)
    expect(sleepers(less, rulesWith({ fillTo: 0.75, reserve: 1 }, one))).toEqual([])
  })

  it('is nobody whose sleep would have the others wake it at once, whatever is expected', () => {
    const picture = aPicture([
      [2, 1],
      [2, 1],
      [1, 1],
    ])
    expect(sleepers(picture, rulesWith())).toHaveLength(1)
    for (const vm of picture.vms) vm.now = { cpu: 1, memory: 0, disk: 0, network: 0, pressure: 0.7 }
    const { sleep, stays } = judgePower(picture, rulesWith(), long)
    expect(sleep).toBeNull()
    expect(stays.map(({ text }) => text).join(' ')).toMatch(/of the CPU of the others would be needed/)
  })

  it('is nobody outside of the windows, and while anything about power is under way', () => {
    const window = { days: [1], from: '20:00', to: '23:00', timeZone: 'UTC' }
    expect(sleepers(idle(), rulesWith({ windows: [window] }))).toEqual([])
    expect(sleepers(idle(), rulesWith({ windows: [{ ...window, from: '11:00' }] }))).toHaveLength(1)
    const picture = asleep(idle(), 3, { standby: 'waking' })
    expect(judgePower(picture, rulesWith(), long).held[0]!.text).toContain('waking')
    const waiting = { ...idle(), waiting: [{ name: 'web', vcpus: 1, memoryBytes: 1, eligible: null }] }
    expect(sleepers(waiting, rulesWith())).toEqual([])
    const missing = { ...idle(), missing: ['esx-9'] }
    expect(sleepers(missing, rulesWith())).toEqual([])
    expect(judgePower(missing, rulesWith(), long).held[0]!.text).toContain('esx-9 failed')
  })

  it('is not one that was woken a moment ago, nor one with a VM that was moved then or is not to be', () => {
    const picture = idle()
    for (const host of picture.hosts) host.standbySince = monday - 29 * minute
    expect(judgePower(picture, rulesWith(), long).stays[0]!.text).toContain('woken a short time ago')
    expect(sleepers(picture, rulesWith())).toEqual([])
    for (const [set, words] of [
      [{ movedAt: monday - minute }, 'short time ago'],
      [{ fixed: 'it has disks that others have not' }, 'it has disks'],
      [{ automation: 'manual' as const }, 'its automation is manual'],
    ] as const) {
      const stuck = idle()
      for (const vm of stuck.vms) Object.assign(vm, set)
      const verdict = judgePower(stuck, rulesWith(), long)
      expect(verdict.sleep).toBeNull()
      expect(verdict.stays[0]!.text).toContain(words)
    }
    const manual = idle()
    for (const vm of manual.vms) vm.automation = 'manual'
    expect(sleepers(manual, rulesWith({ mode: 'manual' }))).toHaveLength(1)
  })

  it('keeps strict rules, and the budget of moves', () => {
    const apart = {
      id: 'rule-1',
      clusterId: 'cluster-1',
      name: 'apart',
      kind: 'vm-vm',
      relation: 'apart',
      strict: true,
      enabled: true,
      vmIds: idle().vms.map(({ id }) => id),
      hosts: [],
      createdAt: 0,
    } as unknown as LoadRules['rules'][number]
    expect(sleepers(idle(), rulesWith({}, { rules: [apart] }))).toEqual([])
    const rules = rulesWith()
    rules.balance = { ...rules.balance, budget: { movesPerHour: 0, bytesPerHour: null } }
    expect(sleepers(idle(), rules)).toEqual([])
  })

  it('says until when, where the past tells when more will be needed', () => {
    const picture = idle()
    for (const vm of picture.vms) vm.demand.aheadCpu = [1, 1, 1, 1, 14, 14]
    const [one] = judgePower(picture, rulesWith(), long).sleep!.sleep
    expect(one!.until).toBe(monday + 4 * hour - 15 * minute)
    for (const vm of picture.vms) vm.demand.aheadCpu = [14, 14]
    expect(sleepers(picture, rulesWith())).toEqual([])
  })
})

describe('who is woken', () => {
  it('is nobody as long as those awake do', () => {
    expect(woken(asleep(idle(), 3), rulesWith())).toEqual([])
  })

  it('is a host as soon as those awake need too much, at once, whatever the mode', () => {
    const busy = asleep(aPicture([[7, 7], [7, 7], [7, 7], [1]]), 3)
    expect(woken(busy, rulesWith())).toEqual([3])
    expect(woken(busy, rulesWith({ mode: 'manual' }))).toEqual([3])
    const verdict = judgePower(busy, rulesWith(), noMemory, { watchOnly: true })
    expect(verdict.wake).toMatchObject({ automatic: true, text: expect.stringContaining('88 % of the CPU') })
  })

  it('is also for a spike that the past does not know of', () => {
    const picture = asleep(aPicture([[1, 1], [1, 1], [1, 1], [1]]), 3)
    for (const vm of picture.vms) vm.now = { cpu: 7.5, memory: 1, disk: 0, network: 0 }
    for (const host of picture.hosts.slice(0, 3)) host.used.cpu = 15
    expect(woken(picture, rulesWith())).toEqual([3])
  })

  it('is ahead of what its own past says will come', () => {
    const picture = asleep(aPicture([[4], [4], [4], [4]]), 3)
    for (const vm of picture.vms) vm.demand.aheadCpu = [4, 15, 15]
    expect(woken(picture, rulesWith())).toEqual([])
    picture.at = monday + 46 * minute
    const { wake } = judgePower(picture, rulesWith(), noMemory)
    expect(wake!.text).toContain('By its own past')
  })

  it('is whoever a failure would need, and VMs without a place', () => {
    const picture = asleep(asleep(idle(), 3), 2)
    picture.vms.push({ ...picture.vms[0]!, id: 'vm-9', name: 'big', memoryBytes: 50 * 2 ** 30, at: 0 })
    picture.hosts[0]!.promisedBytes += 50 * 2 ** 30
    picture.vms.push({ ...picture.vms[0]!, id: 'vm-8', name: 'large', memoryBytes: 50 * 2 ** 30, at: 1 })
    picture.hosts[1]!.promisedBytes += 50 * 2 ** 30
    const verdict = judgePower(picture, rulesWith(), noMemory)
    expect(verdict.wake!.wake).toHaveLength(1)
    expect(verdict.wake!.text).toContain('no place')
    const waiting = asleep(idle(), 3)
    waiting.waiting = [{ name: 'web', vcpus: 1, memoryBytes: 2 ** 30, eligible: [3] }]
    expect(judgePower(waiting, rulesWith(), noMemory).wake!.text).toContain('web should run')
    waiting.waiting[0]!.eligible = [0]
    expect(woken(waiting, rulesWith())).toEqual([])
  })

  it('is everybody whom the rules no longer let sleep, but not who sleeps by a wish', () => {
    const picture = asleep(asleep(idle(), 3), 2)
    expect(woken(picture, rulesWith({ mode: 'off' }))).toEqual([2, 3])
    expect(woken(picture, rulesWith({ hostIds: ['host-4'] }))).toEqual([2])
    expect(woken(picture, rulesWith({ minAwake: 3 }))).toHaveLength(1)
    picture.hosts[2]!.byHand = true
    expect(woken(picture, rulesWith({ mode: 'off' }))).toEqual([3])
    const window = { days: [1], from: '20:00', to: '23:00', timeZone: 'UTC' }
    expect(woken(picture, rulesWith({ windows: [window] }))).toEqual([3])
  })

  it('is another one when the first does not come up, and that one not before its time', () => {
    const busy = asleep(asleep(aPicture([[7, 7], [7, 6], [1], [1]]), 3), 2)
    busy.hosts[2]!.wakeAfter = monday + minute
    expect(woken(busy, rulesWith())).toEqual([3])
    busy.at = monday + minute
    expect(woken(busy, rulesWith())).toEqual([2])
  })

  it('is rather one that is only on its way to sleep', () => {
    const busy = asleep(aPicture([[7, 7], [7, 6], [1], [1]]), 2)
    busy.hosts[3]!.standby = 'falling asleep'
    expect(woken(busy, rulesWith())).toEqual([3])
  })
})

describe('over time', () => {
  /** Decides every other minute, and lets it come true at once; answers what was done, and whether all that ran always fitted. */
  function play(loadAt: (at: number) => number, hours: number, power: Partial<PowerSettings> = {}) {
    const rules = rulesWith(power)
    const picture = aPicture([
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ])
    let memory = noMemory
    const done: { at: number; act: 'sleep' | 'wake'; host: number }[] = []
    let most = 0
    for (let at = monday; at < monday + hours * hour; at += 2 * minute) {
      picture.at = at
      for (const vm of picture.vms) {
        const cpu = loadAt(at)
        vm.demand = { ...vm.demand, cpu, cpuHigh: cpu }
      }
      for (const [i, host] of picture.hosts.entries()) {
        const on = picture.vms.filter((vm) => vm.at === i)
        host.used = { ...host.used, cpu: on.reduce((sum, vm) => sum + vm.demand.cpu, 0) }
        host.promisedBytes = on.reduce((sum, vm) => sum + vm.memoryBytes, 0)
      }
      const verdict = judgePower(picture, rules, memory)
      memory = { ...memory, lowSince: verdict.lowSince }
      for (const { host } of verdict.wake?.wake ?? []) {
        Object.assign(picture.hosts[host]!, { standby: 'awake', standbySince: at })
        done.push({ at, act: 'wake', host })
      }
      for (const { vm, to } of verdict.sleep?.moves ?? [])
        Object.assign(picture.vms[vm]!, { at: to, movedAt: at })
      for (const { host } of verdict.sleep?.sleep ?? []) {
        expect(picture.vms.some((vm) => vm.at === host)).toBe(false)
        Object.assign(picture.hosts[host]!, { standby: 'asleep', standbySince: at })
        done.push({ at, act: 'sleep', host })
      }
      const awake = picture.hosts.filter(({ standby }) => standby === 'awake').length
      const need = picture.vms.reduce((sum, vm) => sum + vm.demand.cpu, 0) / (awake * 16)
      most = Math.max(most, need)
    }
    return { done, most, picture }
  }

  it('settles: as many sleep as can, and then nothing happens any more', { timeout: 30_000 }, () => {
    const { done, picture } = play(() => 2, 12)
    expect(done.every(({ act }) => act === 'sleep')).toBe(true)
    expect(done.at(-1)!.at).toBeLessThan(monday + 3 * hour)
    expect(picture.hosts.filter(({ standby }) => standby === 'asleep')).toHaveLength(done.length)
    expect(done.length).toBeGreaterThanOrEqual(2)
  })

  it('does not flap when the load swings around any level', { timeout: 30_000 }, () => {
    for (const level of [1, 3, 4, 4.5, 5, 6]) {
      const { done, most } = play((at) => level + 0.4 * Math.sin(at / minute), 8)
      const wakes = done.filter(({ act }) => act === 'wake')
      expect(wakes.length, `around ${level} cores a VM`).toBeLessThanOrEqual(1)
      expect(most, `around ${level}`).toBeLessThanOrEqual(0.85 + 0.1)
      for (const [i, { at, host }] of done.entries()) {
        const next = done.slice(i + 1).find((one) => one.host === host && one.act !== done[i]!.act)
        if (next?.act === 'sleep') expect(next.at - at).toBeGreaterThanOrEqual(30 * minute)
      }
    }
  })

  it('serves a rise by waking within a minute of it', () => {
    const { done, most } = play((at) => (at < monday + 6 * hour ? 1 : 6), 8)
    const first = done.find(({ act }) => act === 'wake')!
    expect(first.at).toBe(monday + 6 * hour)
    expect(most).toBeLessThanOrEqual(1.5)
  })
})

describe('who is asked about by name', () => {
  const moves = (picture: LoadPicture, from: number, to: number) =>
    [...picture.vms.keys()].filter((vm) => picture.vms[vm]!.at === from).map((vm) => ({ vm, from, to }))

  it('is spared by the same measure by which hosts are chosen', () => {
    const picture = idle()
    const { sleep } = judgePower(picture, rulesWith(), long)
    for (const { host } of sleep!.sleep)
      expect(whyNotSpared(picture, rulesWith(), host, sleep!.moves)).toBeNull()
    const two = aPicture([[1], [1]])
    expect(whyNotSpared(two, rulesWith(), 1, moves(two, 1, 0))).toMatchObject({ failed: [0], hosts: 1 })
    for (const vm of two.vms) vm.protected = false
    expect(whyNotSpared(two, rulesWith(), 1, moves(two, 1, 0))).toEqual({ failed: [], down: [], hosts: 1 })
  })

  it('does not count on who is only being woken', () => {
    const picture = aPicture([[1], [1], []])
    expect(whyNotSpared(picture, rulesWith(), 1, moves(picture, 1, 0))).toBeNull()
    picture.hosts[2]!.standby = 'waking'
    expect(whyNotSpared(picture, rulesWith(), 1, moves(picture, 1, 0))).not.toBeNull()
  })
})
