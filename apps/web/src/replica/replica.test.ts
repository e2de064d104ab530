import type { Event, Patch, RowChange, Snapshot, Task, UsagePatch, Vm } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { fromSnapshot, type Replica, withPatches, withProgress, withUsage } from './replica'

const vm = { id: 'vm-1', name: 'web-1', power: 'running' } as unknown as Vm
const task = { id: 'task-1', state: 'running', createdAt: 1 } as unknown as Task

function start(): Replica {
  const snapshot: Snapshot = {
    seq: 10,
    term: 2,
    now: 5_000,
    rows: {
      datacenter: [],
      cluster: [],
      host: [],
      vm: [vm],
      datastore: [],
      network: [],
      task: [task],
      rule: [],
      fence: [],
      incident: [],
      alarm: [],
      threshold: [],
      decision: [],
      shadow: [],
    },
    usage: { at: 5_000, full: true, hosts: {}, vms: {} },
    progress: {},
  }
  return fromSnapshot(snapshot, 4_000)
}

function patch(fromSeq: number, changes: RowChange[], term = 2): Patch {
  const events = changes.map((change, i) => ({ seq: fromSeq + 1 + i, rows: [change] }) as Event)
  return { term, fromSeq, toSeq: fromSeq + changes.length, events }
}

const off: RowChange = { table: 'vm', id: 'vm-1', set: { power: 'off' } }
const gone: RowChange = { table: 'vm', id: 'vm-1', set: null }
const born: RowChange = { table: 'vm', id: 'vm-2', set: { id: 'vm-2', name: 'web-2' } }

function applied(replica: Replica, ...patches: Patch[]): Replica {
  const next = withPatches(replica, patches)
  if (next === 'gap') throw new Error('gap')
  return next
}

describe('the browser’s copy', () => {
  it('follows rows that change, come and go', () => {
    const next = applied(start(), patch(10, [off, born]), patch(12, [gone]))
    expect(next.seq).toBe(13)
    expect([...next.tables.vm.keys()]).toEqual(['vm-2'])
  })

  it('leaves the picture that somebody holds as it was', () => {
    const before = start()
    const next = applied(before, patch(10, [off]))
    expect(before.tables.vm.get('vm-1')?.power).toBe('running')
    expect(next.tables.vm.get('vm-1')).toMatchObject({ name: 'web-1', power: 'off' })
    expect(next.tables.host).toBe(before.tables.host)
  })

  it('skips what it has already, also in part', () => {
    const first = patch(10, [off, born])
    const next = applied(start(), first)
    expect(applied(next, first)).toBe(next)
    expect(applied(next, { ...patch(11, [off, gone]) }).tables.vm.has('vm-1')).toBe(false)
  })

  it('knows when it missed something', () => {
    expect(withPatches(start(), [patch(11, [off])])).toBe('gap')
    expect(withPatches(start(), [patch(10, [off], 3)])).toBe('gap')
  })

  it('does not keep tables that are not for browsers', () => {
    const next = applied(start(), patch(10, [{ table: 'token', id: 'token-1', set: { id: 'token-1' } }]))
    expect(next.tables).not.toHaveProperty('token')
  })

  it('forgets the progress of a task that ended', () => {
    const going = withProgress(start(), { 'task-1': { fraction: 0.5 } as never })
    expect(Object.keys(going.progress)).toEqual(['task-1'])
    const ended: RowChange = { table: 'task', id: 'task-1', set: { state: 'succeeded' } }
    expect(applied(going, patch(10, [ended])).progress).toEqual({})
  })

  it('never lets older figures replace newer ones', () => {
    const usage: UsagePatch = { at: 6_000, full: true, hosts: {}, vms: { 'vm-1': [1, 2] } }
    const next = withUsage(start(), usage)
    expect(next.usage).toBe(usage)
    expect(withUsage(next, { ...usage, at: 5_500 })).toBe(next)
  })

  it('merges figures that changed, forgets those that are gone, and takes a full set for all there is', () => {
    const full: UsagePatch = { at: 6_000, full: true, hosts: {}, vms: { 'vm-1': [1, 2], 'vm-2': [3, 4] } }
    const first = withUsage(start(), full)
    const next = withUsage(first, {
      at: 8_000,
      full: false,
      hosts: {},
      vms: { 'vm-2': [5, 6], 'vm-3': [7, 8] },
    })
    expect(next.usage).toMatchObject({ at: 8_000, vms: { 'vm-1': [1, 2], 'vm-2': [5, 6], 'vm-3': [7, 8] } })
    expect(first.usage.vms['vm-2']).toEqual([3, 4])
    const less = withUsage(next, { at: 10_000, full: false, hosts: {}, vms: { 'vm-1': null } })
    expect(Object.keys(less.usage.vms)).toEqual(['vm-2', 'vm-3'])
    expect(Object.keys(withUsage(less, { ...full, at: 12_000 }).usage.vms)).toEqual(['vm-1', 'vm-2'])
  })

  it('knows control’s clock', () => {
    expect(start().clockOffsetMs).toBe(1_000)
  })
})
