import type { Incident } from '@drover/model'
import { expect, test } from 'vitest'
import { fencedMarks, gapsIn } from './story'

const side = (name: Incident['evidence'][number]['side']) =>
  ({ side: name, says: 'dead', text: 'it says so', at: 2 }) as const

/** Of a host whose device switched it off, with one VM. */
const whole: Incident = {
  id: 'incident-1',
  clusterId: 'cluster-1',
  kind: 'host',
  host: { id: 'host-1', name: 'lab-1' },
  datastore: null,
  title: 'lab-1 hangs',
  state: 'closed',
  openedAt: 1,
  closedAt: 9,
  finding: 'hung',
  evidence: [side('agent'), side('storage'), side('power'), side('peers')],
  decision: 'Make sure of it.',
  proof: { by: 'device', at: 5, text: 'its device says off', person: null },
  marks: fencedMarks.map((mark, i) => ({ mark, at: i, text: 'told' })),
  vms: [
    {
      vm: { id: 'vm-1', name: 'web' },
      tier: 3,
      state: 'running',
      taskId: 'task-1',
      host: { id: 'host-2', name: 'lab-2' },
      lostAt: 5,
      askedAt: 5,
      runningAt: 6,
      why: null,
    },
  ],
}

test('a whole story has no gaps', () => {
  expect(gapsIn(whole, fencedMarks, ['web'])).toEqual([])
})

const [web] = whole.vms as [Incident['vms'][number]]
test.each<[string, Partial<Incident>, RegExp]>([
  ['a mark', { marks: whole.marks.toSpliced(3, 1) }, /not of .*fence started/],
  ['words', { marks: whole.marks.map((mark) => ({ ...mark, text: '' })) }, /"suspect" has no words/],
  [
    'the order',
    { marks: whole.marks.with(1, { ...whole.marks[1]!, at: 4.5 }) },
    /tells of last heard, decided/,
  ],
  ['a decision', { decision: null }, /no decision/],
  ['a finding', { finding: null }, /no finding/],
  ['a side', { evidence: whole.evidence.slice(1) }, /evidence of storage, power, peers only/],
  ['the proof', { proof: { ...whole.proof!, text: '' } }, /no proof/],
  ['a VM', { vms: [] }, /about no VM/],
  ['its host', { vms: [{ ...web, host: null }] }, /on no host/],
  ['its times', { vms: [{ ...web, askedAt: null }] }, /no times/],
  ['the proof before its start', { vms: [{ ...web, lostAt: 3, askedAt: 4 }] }, /before the proof/],
])('a story that leaves out %s has one', (_, set, gap) => {
  expect(gapsIn({ ...whole, ...set }, fencedMarks, ['web']).join('\n')).toMatch(gap)
})
