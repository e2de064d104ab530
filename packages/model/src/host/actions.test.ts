import { describe, expect, it } from 'vitest'
import { sayRefusals } from '../say'
import { type HostSituation, type HostVerb, hostActions, mayHost, roleMayHost } from './actions'
import type { HostMode, HostState } from './host'

const at = (state: HostState, mode: HostMode = 'normal', fences = 1): HostSituation => ({
  host: { id: 'host-1', name: 'esx-01', state, stateSince: 0, mode, modeReason: null },
  tasks: [],
  fences,
})
const codes = (verb: HostVerb, situation: HostSituation) => mayHost(verb, situation).map(({ code }) => code)
const may = (situation: HostSituation) =>
  (Object.keys(hostActions) as HostVerb[]).filter((verb) => mayHost(verb, situation).length === 0)

describe('what may be done to a host', () => {
  it('follows its state and mode', () => {
    expect(may(at('connected'))).toEqual([
      'evacuate',
      'enterMaintenance',
      'shutdown',
      'reboot',
      'fence',
      'sleep',
      'proveWake',
    ])
    expect(may(at('connected', 'maintenance'))).toEqual([
      'exitMaintenance',
      'shutdown',
      'reboot',
      'fence',
      'proveWake',
    ])
    expect(may(at('fenced', 'standby'))).toEqual(['enterMaintenance', 'powerOn', 'wake'])
    expect(codes('evacuate', at('fenced', 'standby'))).toEqual(['host_asleep'])
    expect(may(at('suspect'))).toEqual(['fence', 'confirmOff'])
    expect(may(at('fenced'))).toEqual(['enterMaintenance', 'powerOn'])
  })

  it('says every reason against', () => {
    expect(codes('evacuate', at('suspect', 'maintenance'))).toEqual(['host_silent', 'host_maintenance'])
    expect(codes('exitMaintenance', at('connected'))).toEqual(['host_state'])
    expect(codes('powerOn', at('connected', 'normal', 0))).toEqual(['host_state', 'no_fence_device'])
    expect(codes('shutdown', at('fenced'))).toEqual(['host_fenced'])
    expect(codes('confirmOff', at('connected'))).toEqual(['host_heard'])
    expect(sayRefusals(mayHost('confirmOff', at('connected')))).toMatch(
      /not off: its agent is heard.*maintenance.*fence it/,
    )
  })

  it('lets one task at a time have a host, but fencing and ending an evacuation go before', () => {
    const task = {
      id: 'task-9',
      kind: 'host.evacuate',
      vmName: '',
      host: { id: 'host-1', name: 'esx-01' },
      state: 'running',
      initiator: { kind: 'user', id: 'u', name: 'ada' },
    } as const
    const busy = { ...at('connected', 'entering'), tasks: [task] }
    expect(codes('shutdown', busy)).toEqual(['host_task'])
    expect(may(busy)).toEqual(['exitMaintenance', 'fence'])
    expect(may({ ...busy, tasks: [{ ...task, state: 'cancelled' }] })).toContain('shutdown')
  })

  it('is for operators', () => {
    expect(roleMayHost('fence', 'operator')).toBe(true)
    expect(roleMayHost('evacuate', 'auditor')).toBe(false)
  })
})
