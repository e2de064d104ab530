import type { Incident, IncidentMark, IncidentVm } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { headline, measuredOf, stagesOf } from './stages'

const vm = (name: string, part: Partial<IncidentVm> = {}): IncidentVm => ({
  vm: { id: `vm-${name.length}`, name },
  tier: 3,
  state: 'running',
  taskId: null,
  host: { id: 'host-2', name: 'esx-02' },
  lostAt: 11_000,
  askedAt: 11_500,
  runningAt: 14_000,
  why: null,
  ...part,
})

function incident(marks: [IncidentMark, number][], part: Partial<Incident> = {}): Incident {
  return {
    id: 'incident-1',
    clusterId: 'cluster-1',
    kind: 'host',
    host: { id: 'host-3', name: 'esx-03' },
    datastore: null,
    title: 'esx-03 lost power',
    state: 'open',
    openedAt: 3_000,
    closedAt: null,
    finding: 'off',
    evidence: [],
    decision: null,
    proof: null,
    marks: marks.map(([mark, at]) => ({ mark, at, text: '' })),
    vms: [vm('a'), vm('bb', { runningAt: 15_000 })],
    ...part,
  }
}

const whole: [IncidentMark, number][] = [
  ['last heard', 0],
  ['suspect', 3_000],
  ['decided', 8_000],
  ['fence started', 8_100],
  ['proven off', 11_000],
  ['first VM running', 14_000],
  ['all VMs running', 15_000],
]

describe('the stages of an incident', () => {
  it('follow one another from the last sign of life, each with its time', () => {
    const stages = stagesOf(incident(whole))
    expect(stages.map(({ id, startAt, endAt }) => [id, startAt, endAt])).toEqual([
      ['suspect', 0, 3_000],
      ['decided', 3_000, 8_000],
      ['fence started', 8_000, 8_100],
      ['proven off', 8_100, 11_000],
      ['first VM running', 11_000, 14_000],
    ])
    expect(stages[1]!.objectiveAt).toBe(10_000)
  })

  it('the one that goes on has no end, and nothing is told beyond it', () => {
    const stages = stagesOf(incident(whole.slice(0, 4)))
    expect(stages.at(-1)).toMatchObject({ id: 'proven off', startAt: 8_100, endAt: null })
    expect(stages).toHaveLength(4)
  })

  it('a power state that proves it at once leaves fencing out', () => {
    const marks = whole.filter(([mark]) => mark !== 'fence started')
    expect(stagesOf(incident(marks)).map(({ id }) => id)).toEqual([
      'suspect',
      'decided',
      'proven off',
      'first VM running',
    ])
  })

  it('tell the word of a device from the proof: what it says is evidence first', () => {
    const marks: [IncidentMark, number][] = [
      ...whole.slice(0, 2),
      ['said off', 3_300],
      ['decided', 4_000],
      ['proven off', 4_000],
    ]
    expect(stagesOf(incident(marks)).map(({ id, startAt, endAt }) => [id, startAt, endAt])).toEqual([
      ['suspect', 0, 3_000],
      ['said off', 3_000, 3_300],
      ['decided', 3_300, 4_000],
      ['proven off', 4_000, 4_000],
      ['first VM running', 4_000, null],
    ])
    expect(stagesOf(incident(marks.slice(0, 2))).map(({ id }) => id)).toEqual(['suspect', 'decided'])
  })

  it('are measured against the objectives', () => {
    expect(measuredOf(incident(whole))).toEqual([
      { name: 'Decided', ms: 8_000, objectiveMs: 10_000, met: true },
      { name: 'First restart after proof', ms: 500, objectiveMs: 1_000, met: true },
      { name: 'All VMs running', ms: 15_000, objectiveMs: 20_000, met: true },
    ])
    expect(measuredOf(incident(whole.slice(0, 2), { vms: [] }))[0]).toMatchObject({ ms: null, met: null })
  })

  it('make one sentence', () => {
    expect(headline(incident(whole))).toBe(
      'esx-03 lost power; proven off after 11 s; all 2 VMs run again after 15 s.',
    )
    const part = { vms: [vm('a'), vm('bb', { state: 'error', runningAt: null })] }
    expect(headline(incident(whole, part))).toMatch(/1 of 2 VMs run again, 1 could not be started\.$/)
  })
})
