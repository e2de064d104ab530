import type { Role } from '@drover/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appRouter } from './router'
import { Estate } from './testing/estate'

/** Who may do what. A new procedure that changes anything has to be entered here, or the test below fails. */
const needs: Record<string, Role> = {
  'alarm.acknowledge': 'operator',
  'apiKey.create': 'auditor',
  'apiKey.revoke': 'auditor',
  'backtest.cancel': 'operator',
  'cluster.backtest': 'operator',
  'cluster.change': 'admin',
  'cluster.changeBalance': 'admin',
  'cluster.changeHa': 'admin',
  'cluster.changePower': 'admin',
  'cluster.create': 'admin',
  'cluster.delete': 'admin',
  'cluster.roll': 'operator',
  'cluster.rollContinue': 'operator',
  'datacenter.create': 'admin',
  'datacenter.delete': 'admin',
  'datacenter.rename': 'admin',
  'decision.carryOut': 'operator',
  'decision.dismiss': 'operator',
  'fence.change': 'admin',
  'fence.create': 'admin',
  'fence.delete': 'admin',
  'fence.test': 'operator',
  'host.changePowerModel': 'admin',
  'host.confirmOff': 'operator',
  'host.createJoinToken': 'admin',
  'host.endQuarantine': 'operator',
  'host.enterMaintenance': 'operator',
  'host.evacuate': 'operator',
  'host.exitMaintenance': 'operator',
  'host.fence': 'operator',
  'host.powerOn': 'operator',
  'host.remove': 'admin',
  'host.shutdown': 'operator',
  'host.sleep': 'operator',
  'host.wake': 'operator',
  'rule.change': 'admin',
  'rule.create': 'admin',
  'rule.delete': 'admin',
  'shadow.end': 'admin',
  'shadow.start': 'admin',
  'task.cancel': 'operator',
  'task.giveUp': 'operator',
  'threshold.change': 'admin',
  'threshold.create': 'admin',
  'threshold.delete': 'admin',
  'user.changePassword': 'auditor',
  'user.changeRole': 'admin',
  'user.create': 'admin',
  'user.remove': 'admin',
  'user.resetPassword': 'admin',
  'vm.change': 'operator',
  'vm.changeAutomation': 'operator',
  'vm.changeHa': 'operator',
  'vm.create': 'operator',
  'vm.delete': 'operator',
  'vm.migrate': 'operator',
  'vm.reboot': 'operator',
  'vm.reset': 'operator',
  'vm.resume': 'operator',
  'vm.setDesired': 'operator',
  'vm.shutdown': 'operator',
  'vm.start': 'operator',
  'vm.stop': 'operator',
  'vm.suspend': 'operator',
}

/** Read by others than everybody. */
const reads: Record<string, Role> = { 'user.list': 'admin' }

/** They change nothing that is managed: accounts and keys, a question to a device, a calculation. */
const neitherReasonNorRehearsal = new Set([
  'apiKey.create',
  'apiKey.revoke',
  'backtest.cancel',
  'cluster.backtest',
  'fence.test',
  'host.createJoinToken',
  'user.changePassword',
  'user.changeRole',
  'user.create',
  'user.remove',
  'user.resetPassword',
])

interface Procedure {
  _def: { type: 'query' | 'mutation' | 'subscription'; inputs: { shape?: object }[] }
}
const all = Object.entries(appRouter._def.procedures) as unknown as [path: string, procedure: Procedure][]
const acting = all.filter(([, { _def }]) => _def.type !== 'query')
const reading = all.filter(([, { _def }]) => _def.type === 'query')
const roles: readonly Role[] = ['auditor', 'operator', 'admin']

describe('who may', () => {
  let estate: Estate
  beforeAll(async () => {
    estate = await Estate.begin()
  })
  afterAll(() => estate.control.stop())

  /** Roles that are turned down before anything else is looked at: the input is none. */
  async function turnedDown(path: string): Promise<Role[]> {
    const denied: Role[] = []
    for (const role of roles) {
      const caller = estate.as(role) as unknown as Record<
        string,
        Record<string, (input: unknown) => Promise<unknown>>
      >
      const [noun, verb] = path.split('.') as [string, string]
      const error = await caller[noun]![verb]!({ '': 0 }).then(
        () => null,
        (thrown: { code: string }) => thrown,
      )
      if (error?.code === 'FORBIDDEN') denied.push(role)
    }
    return denied
  }
  const below = (role: Role) => roles.slice(0, roles.indexOf(role))

  it('do anything is declared, for every procedure that does', () => {
    expect(acting.map(([path]) => path).sort()).toEqual(Object.keys(needs).sort())
  })

  it.each(Object.entries(needs))('%s: %s', async (path, role) => {
    expect(await turnedDown(path)).toEqual(below(role))
  })

  it('read: everybody, all but accounts', async () => {
    for (const [path] of reading)
      expect([path, await turnedDown(path)]).toEqual([path, below(reads[path] ?? 'auditor')])
  })

  it('says why it is asked, and can rehearse it', () => {
    const lacking = acting.filter(([, { _def }]) => {
      const fields = Object.assign({}, ..._def.inputs.map(({ shape }) => shape)) as object
      return !('reason' in fields && 'dryRun' in fields)
    })
    expect(lacking.map(([path]) => path).sort()).toEqual([...neitherReasonNorRehearsal].sort())
  })
})
