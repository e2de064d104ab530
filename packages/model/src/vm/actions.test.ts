import { describe, expect, it } from 'vitest'
import { mayVm, roleMayVm, type VmSituation, vmActions } from './actions'

const host = { id: 'host-1', name: 'esx-01', state: 'connected', stateSince: 0 } as const
const at = (power: VmSituation['vm']['power']): VmSituation => ({
  vm: { id: 'vm-17', name: 'web-17', power },
  host,
  task: undefined,
})

describe('what may be done to a VM', () => {
  it('starts what is off and stops what runs, not the other way round', () => {
    expect(mayVm('start', at('off'))).toEqual([])
    expect(mayVm('start', at('running'))).toMatchObject([{ code: 'vm_power', is: 'running' }])
    expect(mayVm('stop', at('running'))).toEqual([])
    expect(mayVm('stop', at('off'))).toMatchObject([{ code: 'vm_power', needs: ['running', 'paused'] }])
  })

  it('names every reason at once', () => {
    const refusals = mayVm('shutdown', {
      vm: at('off').vm,
      host: { ...host, state: 'suspect', stateSince: 5 },
      task: {
        id: 'task-3',
        kind: 'vm.migrate',
        vmName: 'web-17',
        state: 'running',
        initiator: { kind: 'user', id: 'u', name: 'anna' },
      },
    })
    expect(refusals.map((refusal) => refusal.code)).toEqual(['vm_power', 'vm_busy', 'host_silent'])
    expect(refusals[1]).toMatchObject({ doing: 'migrate', by: 'anna', task: { name: 'migrate web-17' } })
  })

  it('says of a host that cannot be heard what is known of it', () => {
    const code = (verb: 'start' | 'stop', state: 'suspect' | 'isolated' | 'fencing' | 'fenced') =>
      mayVm(verb, { ...at(verb === 'start' ? 'off' : 'running'), host: { ...host, state } })[0]?.code
    expect(code('start', 'suspect')).toBe('host_silent')
    expect(code('start', 'isolated')).toBe('host_not_proven')
    expect(code('start', 'fencing')).toBe('host_not_proven')
    expect(code('start', 'fenced')).toBe('host_fenced')
    expect(code('stop', 'isolated')).toBe('host_silent')
  })

  it('forgets a task that has ended', () => {
    const ended = { id: 'task-3', kind: 'vm.stop', vmName: 'web-17', initiator: { kind: 'drover' } } as const
    expect(mayVm('start', { ...at('off'), task: { ...ended, state: 'failed' } })).toEqual([])
  })

  it('lets a VM that its host has lost be deleted only', () => {
    for (const verb of Object.keys(vmActions) as (keyof typeof vmActions)[]) {
      expect(mayVm(verb, at('missing')).length, verb).toBe(verb === 'delete' ? 0 : 1)
    }
  })

  it('leaves auditors reading', () => {
    expect(roleMayVm('start', 'auditor')).toBe(false)
    expect(roleMayVm('start', 'operator')).toBe(true)
  })
})
