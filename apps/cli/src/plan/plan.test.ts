import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClusterExport } from '@drover/planner'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { exitCodes } from '../exit'
import { planBalance, type Told } from './balance'
import { planFile } from './commands'
import { planConsolidate } from './consolidate'
import { planEvacuate, planFailover } from './empty'
import type { PlanCase } from './file'

const dirs: string[] = []
afterEach(() => {
  vi.restoreAllMocks()
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

function run(file: unknown, ask: (asked: PlanCase, options: never) => Told, options: object) {
  const dir = mkdtempSync(join(tmpdir(), 'drover-plan-'))
  dirs.push(dir)
  const path = join(dir, 'cluster.json')
  writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file))
  const text = { out: '', err: '' }
  vi.spyOn(process.stdout, 'write').mockImplementation((data) => {
    text.out += String(data)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((data) => {
    text.err += String(data)
    return true
  })
  const code = planFile(path, { output: 'json', ...options }, ask as Parameters<typeof planFile>[2])
  return { code, ...text }
}

const balanceHost = (id: string) => ({ id, cpuMHz: 10_000, cores: 4, memMB: 16_384 })
const balanceVm = (id: string, cpuDemandMHz: number) => ({
  ...{ id, vcpus: 2, memMB: 2_048, cpuDemandMHz },
  host: 'a',
})
const balanceCluster = {
  format: 'bal-cluster/1',
  hosts: ['a', 'b', 'c'].map(balanceHost),
  vms: ['one', 'two', 'three'].map((id) => balanceVm(id, 3_000)),
  rules: [{ id: 'r1', kind: 'vm-host', relation: 'must-not', vms: ['one', 'two', 'three'], hosts: ['c'] }],
}

const gib = 1024 ** 3
const host = (name: string, vms: number): ClusterExport['hosts'][number] => ({
  ...{ id: `id-${name}`, name, cores: 16, memoryBytes: 66 * gib, roomBytes: 64 * gib },
  ...{ promisedBytes: vms * 8 * gib, promisedCpus: vms * 2 },
  used: { cpu: vms * 2, memory: vms * 4 * gib, disk: 0, network: 0, pressure: 0 },
  ...{ accepts: true, closed: null, datastores: ['shared'], networks: ['lan'] },
  ...{ standby: 'awake', standbySince: 0, byHand: false, wakeProven: true },
  power: { idleWatts: 100, maxWatts: 200, asleepWatts: 5 },
})
const vm = (name: string, on: string, changes: object = {}): ClusterExport['vms'][number] => ({
  ...{ id: `id-${name}`, name, host: `id-${on}`, towards: null, desired: 'running' },
  ...{ vcpus: 2, memoryBytes: 8 * gib },
  demand: { cpu: 2, cpuHigh: 2, memory: 4 * gib, disk: 0, network: 0, pressure: 0, basis: 'a test' },
  ...{ tags: [], fixed: null, automation: 'full', protected: true, tier: 3, movedAt: null },
  ...{ datastores: ['shared'], networks: ['lan'], places: null },
  ...changes,
})
const cluster = (changes: Partial<ClusterExport> = {}): ClusterExport => ({
  format: 'drover-cluster/1',
  exportedAt: Date.UTC(2026, 0, 5),
  cluster: { id: 'cluster-1', name: 'prod' },
  hosts: [host('a', 6), host('b', 0), host('c', 0)],
  vms: ['v1', 'v2', 'v3', 'v4', 'v5', 'v6'].map((name) => vm(name, 'a')),
  places: {},
  rules: [],
  settings: {
    balance: {
      ...{ by: 'actual-load', aim: 'spread', spread: 0.05, limit: 0.9 },
      ...{ weights: { cpu: 0.5, memory: 0.5 }, minGain: 0.01, minShare: 0.1, cooldownMs: 900_000 },
    },
    ha: { by: 'hosts', hostFailures: 1, reservedShare: 0, overcommitMemory: false },
    power: {
      ...{ hosts: null, minAwake: 1, reserve: 0.1, fillTo: 0.75, wakeAbove: 0.85 },
      ...{ dwellMs: 1_800_000, wakeAheadMs: 900_000 },
    },
  },
  ...changes,
})
const rule = (changes: Partial<ClusterExport['rules'][number]>): ClusterExport['rules'][number] => ({
  ...{ id: 'rule-1', name: 'one each', kind: 'vm-vm', relation: 'apart', strict: true, enabled: true },
  ...{ vms: [], hosts: [] },
  ...changes,
})

describe('a plan to balance', () => {
  it('has the moves of a cluster file in order, and why each VM goes nowhere else', () => {
    const { code, out } = run(balanceCluster, planBalance, { explain: true })
    const { moves, before, after } = JSON.parse(out)
    expect(code).toBe(exitCodes.ok)
    expect(moves).toHaveLength(1)
    expect(moves[0]).toMatchObject({
      source: 'a',
      target: 'b',
      whyNot: [{ reason: 'the rule r1 (notOn) forbids it', hosts: ['c'] }],
    })
    expect(after.spreadCpu).toBeLessThan(before.spreadCpu)
    expect(run(balanceCluster, planBalance, { output: 'table' }).out).toMatch(/^Now: CPU .* apart/)
  })

  it('evens out memory only where that is asked for', () => {
    const vms = ['one', 'two', 'three', 'four'].map((id) => balanceVm(id, 0))
    const file = { ...balanceCluster, vms, rules: [] }
    expect(JSON.parse(run(file, planBalance, {}).out).moves).toEqual([])
    const { moves, after } = JSON.parse(run(file, planBalance, { memory: 0.1 }).out)
    expect(moves.length).toBeGreaterThan(0)
    expect(after.spreadMemory).toBeLessThanOrEqual(0.1)
  })

  it('goes by the settings and the rules of an export', () => {
    const { moves } = JSON.parse(run(cluster(), planBalance, { explain: true }).out)
    expect(moves).toHaveLength(4)
    expect(moves[0].whyNot).toHaveLength(1)
    const pinned = cluster({ vms: cluster().vms.map((row) => ({ ...row, fixed: 'it has a device' })) })
    expect(JSON.parse(run(pinned, planBalance, {}).out).moves).toEqual([])
    const only = rule({ kind: 'vm-host', relation: 'on', vms: cluster().vms.map(({ id }) => id) })
    const bound = cluster({ rules: [{ ...only, hosts: [{ host: 'id-a', priority: 0 }] }] })
    expect(JSON.parse(run(bound, planBalance, {}).out).moves).toEqual([])
  })
})

describe('a plan to empty a host', () => {
  it('says for each VM where it goes, and first of all why not elsewhere', () => {
    const apart = rule({ vms: ['id-v1', 'id-x'] })
    const file = cluster({
      rules: [apart],
      hosts: [host('a', 6), host('b', 1), host('c', 0)],
      vms: [...cluster().vms, vm('x', 'b')],
    })
    const { code, out } = run(file, planEvacuate, { host: ['a'], explain: true })
    const [{ hosts, complete, vms }] = JSON.parse(out).cases
    expect([code, hosts, complete, vms.length]).toEqual([exitCodes.ok, ['a'], true, 6])
    const one = vms.find((row: { vm: string }) => row.vm === 'v1')
    expect(one).toMatchObject({
      source: 'a',
      target: 'c',
      whyNot: [{ reason: 'the rule one each (apart) forbids it', hosts: ['b'] }],
    })
  })

  it('says what is missing where there is no room', () => {
    const full = cluster({ hosts: [host('a', 6), host('b', 8)], vms: cluster().vms })
    const { code, out } = run(full, planEvacuate, { host: ['a'] })
    const [{ complete, vms }] = JSON.parse(out).cases
    // A script that is about to pull the plug has to see it.
    expect([code, complete]).toEqual([exitCodes.refused, false])
    expect(vms[0]).toMatchObject({ target: null, reason: expect.stringMatching(/not enough memory/) })
    expect(run(full, planEvacuate, { host: ['a'], output: 'table' }).out).toContain('6 of 6 have no place')
  })

  it('wants a host that is there', () => {
    expect(run(cluster(), planEvacuate, {}).err).toContain('--host NAME')
    const { code, err } = run(cluster(), planEvacuate, { host: ['z'] })
    expect([code, JSON.parse(err).error.message]).toEqual([
      exitCodes.notFound,
      '--host: there is no host "z" in the file.',
    ])
  })
})

describe('a plan for failures', () => {
  it('looks at one host after the other, and at as many at once as are to be survived', () => {
    const one = run(cluster(), planFailover, {})
    const { survives, failures, cases } = JSON.parse(one.out)
    expect([one.code, survives, failures, cases.length]).toEqual([exitCodes.ok, true, 1, 3])
    expect(cases[0].vms.every(({ target }: { target: string }) => target !== null)).toBe(true)
    const pair = run(cluster({ hosts: [host('a', 6), host('b', 0)] }), planFailover, { failures: 2 })
    const two = JSON.parse(pair.out)
    expect([pair.code, two.survives, two.worst.down.length]).toEqual([exitCodes.refused, false, 6])
  })

  it('leaves out what nobody looks after', () => {
    const vms = cluster().vms.map((row, i) => ({ ...row, protected: i > 0 }))
    const [only] = JSON.parse(run(cluster({ vms }), planFailover, { host: ['a'] }).out).cases
    expect(only.vms).toHaveLength(5)
  })
})

describe('a plan to save power', () => {
  it('empties hosts that nobody needs, and says why the others stay', () => {
    const file = cluster({
      hosts: [host('a', 2), host('b', 1), host('c', 1), host('d', 0)],
      vms: [vm('v1', 'a'), vm('v2', 'a'), vm('v3', 'b'), vm('v4', 'c')],
    })
    const { steps, stays } = JSON.parse(run(file, planConsolidate, {}).out)
    expect(steps.length).toBeGreaterThan(0)
    expect(steps[0]).toMatchObject({ kind: 'sleep', reason: expect.stringContaining('saved') })
    expect(steps.length + stays.length).toBe(4)
    for (const { reason } of stays) expect(reason).not.toBe('')
    const awake = cluster({ ...file, settings: { ...file.settings } })
    awake.settings.power = { ...awake.settings.power, minAwake: 4 }
    expect(JSON.parse(run(awake, planConsolidate, {}).out).steps).toEqual([])
  })
})

describe('what a plan is given', () => {
  const crowded = cluster({
    hosts: [host('a', 2), host('b', 1), host('c', 1), host('d', 0)],
    vms: [vm('v1', 'a'), vm('v2', 'a'), vm('v3', 'b'), vm('v4', 'c')],
  })

  it('is no time: it says so, and what it has is still a plan', () => {
    const none = { budget: 0 }
    const balanced = JSON.parse(run(cluster(), planBalance, none).out)
    expect([balanced.stopped, balanced.moves.length >= 0]).toEqual([true, true])
    const [emptied] = JSON.parse(run(crowded, planEvacuate, { ...none, host: ['a'] }).out).cases
    expect(emptied.vms.map(({ target }: { target: string }) => target !== null)).toEqual([true, true])
    const { stopped, steps, stays } = JSON.parse(run(crowded, planConsolidate, none).out)
    expect([stopped, steps, stays]).toEqual([true, [], []])
    const failed = JSON.parse(run(crowded, planFailover, none).out)
    expect(failed).toMatchObject({ stopped: true, unseen: 4, cases: [] })
    for (const ask of [planBalance, planConsolidate, planFailover])
      expect(run(crowded, ask, { ...none, output: 'table' }).out).toContain('The time was up')
  })

  it('is time enough: nothing is cut short', () => {
    for (const ask of [planBalance, planEvacuate, planConsolidate, planFailover]) {
      const { stopped } = JSON.parse(run(crowded, ask, { budget: 60_000, host: ['a'] }).out)
      expect(stopped).toBe(false)
    }
  })

  it('is a seed: the same one gives the same plan to balance', () => {
    const hosts = [...'abcdefgh'].map(balanceHost)
    const vms = Array.from({ length: 120 }, (_, i) => ({
      ...balanceVm(`v${i}`, 50 + ((i * i * 37) % 997)),
      memMB: 100 + ((i * i * i * 89) % 1_201),
      host: 'abcdefgh'[(i * i) % 5]!,
    }))
    const file = { ...balanceCluster, hosts, vms, rules: [] }
    const movesOf = (seed?: number) => {
      const { moves } = JSON.parse(run(file, planBalance, { seed, cpu: 0.03, memory: 0.06 }).out)
      return JSON.stringify(moves)
    }
    const all = [0, 1, 2].map(movesOf)
    expect(new Set(all).size).toBeGreaterThan(1)
    expect([movesOf(), movesOf(1)]).toEqual(all.slice(0, 2))
  })
})

describe('a file that is wrong', () => {
  it.each([
    ['', /cluster\.json is no cluster file: it is empty \(line 1\)\. Correct it there/],
    [
      '{\r\n"format": "bal-cluster/1",\r\n"hosts": [{"id": "a",',
      /no cluster file: .* \(line 3\)\. Correct it/,
    ],
    ['{"format": NaN}', /is no cluster file: Unexpected token 'N'.* Correct it/],
    ['null', /format is undefined/],
    [{ ...balanceCluster, hosts: [] }, /hosts: Too small.*Correct it/],
    [
      { ...balanceCluster, hosts: [{ ...balanceHost('a'), cpuMHz: 0 }] },
      /hosts\[0\]\.cpuMHz: Too small.*0\.001/,
    ],
    [JSON.stringify(balanceCluster).replace('3000', '1e999'), /vms\[0\]\.cpuDemandMHz: .*Correct it/],
    [JSON.stringify(balanceCluster).replace('3000', '1e300'), /vms\[0\]\.cpuDemandMHz: Too big/],
    [JSON.stringify(balanceCluster).replace('2048', '-1'), /vms\[0\]\.memMB: Too small/],
    [
      { ...balanceCluster, hosts: ['a', 'a'].map(balanceHost) },
      /hosts\[1\]\.id: "a" is there twice\. Give each/,
    ],
    [
      { ...balanceCluster, rules: [{ id: 'r', kind: 'vm-vm', relation: 'apart', vms: ['one', 'x'] }] },
      /rules\[0\]\.vms\[1\]: there is no VM "x" in the file\. Correct the id/,
    ],
    [
      { ...balanceCluster, rules: [{ id: 'r', kind: 'vm-host', relation: 'must', vms: ['one'] }] },
      /rules\[0\]\.hosts: it is missing\. Add it\./,
    ],
    [
      { ...balanceCluster, rules: [{ id: 'r', kind: 'vm-vm', relation: 'must', vms: ['one'] }] },
      /rules\[0\]\.relation: .*"apart"\|"together"/,
    ],
    [{ ...balanceCluster, format: 'other' }, /format is "other".*drover cluster export/],
    [
      { ...balanceCluster, vms: [{ ...balanceVm('one', 1), host: 'nowhere' }] },
      /vms\[0\]\.host: there is no host "nowhere" in the file\. Correct the id, or add it\./,
    ],
    [cluster({ vms: [vm('v1', 'z')] }), /vms\[0\]\.host: there is no host "id-z" in the file\. Correct/],
    [cluster({ vms: [vm('v1', 'a', { memoryBytes: 'much' })] }), /vms\[0\]\.memoryBytes: .*Correct it\./],
    [cluster({ vms: [vm('v1', 'a', { places: 'p9' })] }), /vms\[0\]\.places: there is no "p9" in places/],
    [cluster({ hosts: [{ ...host('a', 0), cores: 1e-300 }] }), /hosts\[0\]\.cores: Too small: it is 0, or/],
    [cluster({ hosts: [host('a', 0), host('a', 0)] }), /hosts\[1\]\.id: "id-a" is there twice/],
  ])('is refused with the field and the remedy (%#)', (file, words) => {
    const { code, err } = run(file, planBalance, {})
    expect(code).toBe(exitCodes.usage)
    expect(JSON.parse(err).error.message).toMatch(words)
  })
})
