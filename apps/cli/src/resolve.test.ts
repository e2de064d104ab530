import { describe, expect, it } from 'vitest'
import type { CliError } from './exit'
import { pick } from './resolve'

const all = [
  { id: 'vm-1', name: 'web', on: 'esx-01' },
  { id: 'vm-2', name: 'web', on: 'esx-02' },
  { id: 'vm-3', name: 'database', on: 'esx-01' },
]
const failure = (given: string) => {
  try {
    pick(all, given, 'VM', (vm) => `on ${vm.on}`)
  } catch (error) {
    return error as CliError
  }
  throw new Error('something was picked')
}

describe('an object that somebody names', () => {
  it('is found by id or by a name that only it has', () => {
    expect(pick(all, 'vm-2', 'VM').on).toBe('esx-02')
    expect(pick(all, 'database', 'VM').id).toBe('vm-3')
  })

  it('is never guessed among several: all are listed', () => {
    const error = failure('web')
    expect(error.code).toBe(4)
    expect(error.message).toBe(
      'There are 2 VMs named web. Give the id of one:\n  vm-1  web  on esx-01\n  vm-2  web  on esx-02',
    )
  })

  it('that does not exist may be one spelled alike', () => {
    expect(failure('data').message).toBe('There is no VM "data". Did you mean database?')
    expect(failure('nothing')).toMatchObject({ code: 4, message: 'There is no VM "nothing".' })
  })
})
