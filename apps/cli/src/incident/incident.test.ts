import type { Incident } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { sayIncident } from './commands'

const at = 1_000_000
const incident: Incident = {
  id: 'incident-1',
  clusterId: 'cluster-1',
  kind: 'host',
  host: { id: 'host-1', name: 'esx-01' },
  datastore: null,
  title: 'esx-01 is off',
  state: 'open',
  openedAt: at,
  closedAt: null,
  finding: 'off',
  evidence: [{ side: 'power', says: 'dead', text: 'board-1 says that the power is off', at }],
  decision: 'It is off: restart its VMs.',
  proof: { by: 'device', at: at + 4_000, text: 'board-1 says that the power is off', person: null },
  marks: [
    { mark: 'last heard', at, text: 'the last heartbeat of its agent' },
    { mark: 'decided', at: at + 4_000, text: 'It is off: restart its VMs.' },
  ],
  vms: [
    {
      vm: { id: 'vm-1', name: 'web' },
      tier: 3,
      state: 'running',
      taskId: 'task-1',
      host: { id: 'host-2', name: 'esx-02' },
      lostAt: at + 4_000,
      askedAt: at + 4_100,
      runningAt: at + 6_000,
      why: null,
    },
    {
      vm: { id: 'vm-2', name: 'db' },
      tier: 3,
      state: 'waiting',
      taskId: null,
      host: null,
      lostAt: at + 4_000,
      askedAt: null,
      runningAt: null,
      why: 'No host can take db.',
    },
  ],
}

describe('an incident, in lines', () => {
  it('tells marks from the last sign of life on, and of each VM how it fared', () => {
    const lines = sayIncident(incident).split('\n')
    expect(lines[0]).toMatch(/^esx-01 is off \(open, since /)
    expect(lines.slice(1).map((line) => line.trim())).toEqual([
      '+0 ms  last heard: the last heartbeat of its agent',
      '+4 s  decided: It is off: restart its VMs.',
      'Evidence:',
      'power: board-1 says that the power is off (dead)',
      'Proof: board-1 says that the power is off',
      'VMs:',
      'web: running on esx-02 after 2 s',
      'db: waiting (No host can take db.)',
    ])
  })
})
