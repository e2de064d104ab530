import type { FenceAgentInfo, FenceParameter } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { draftOf, inputOf, parametersOf, problemsOf } from './form'

const parameter: FenceParameter = {
  type: 'string',
  required: false,
  secret: false,
  default: null,
  options: [],
  description: '',
  name: '',
}
const info: FenceAgentInfo = {
  agent: 'fence_ipmilan',
  description: 'IPMI over LAN',
  parameters: [
    { ...parameter, name: 'action', required: true },
    { ...parameter, name: 'ip', required: true },
    { ...parameter, name: 'password', secret: true, required: true },
    { ...parameter, name: 'power_wait', type: 'second', default: '2', options: [] },
  ],
}
const none = new Set<string>()

describe('the form of a fence device', () => {
  it('asks for what the program needs, and for nothing that Drover sets', () => {
    const { required, optional } = parametersOf(info)
    expect(required.map(({ name }) => name)).toEqual(['ip', 'password'])
    expect(optional.map(({ name }) => name)).toEqual(['power_wait'])
  })

  it('says what is missing by field, and not for a secret that is kept', () => {
    const draft = { ...draftOf(undefined, 'esx-03'), agent: 'fence_ipmilan' }
    expect(Object.keys(problemsOf(draft, info, none))).toEqual(['ip', 'password'])
    expect(Object.keys(problemsOf(draft, info, new Set(['password'])))).toEqual(['ip'])
    const wrong = { ...draft, level: '0', params: { ip: '10.0.0.3', power_wait: 'long' } }
    expect(problemsOf(wrong, info, new Set(['password']))).toEqual({
      level: 'A whole number from 1 to 9.',
      power_wait: 'A whole number.',
    })
  })

  it('sends times in ms and no empty parameter', () => {
    const draft = {
      ...draftOf(undefined, 'esx-03'),
      delay: '1,5',
      params: { ip: '10.0.0.3', plug: '' },
      secrets: { password: 'x', key: '' },
    }
    expect(inputOf(draft)).toMatchObject({
      delayMs: 1_500,
      timeoutMs: 20_000,
      params: { ip: '10.0.0.3', password: 'x' },
    })
  })
})
