import type { Refusal } from '@drover/model'
import { TRPCClientError } from '@trpc/client'
import { describe, expect, it } from 'vitest'
import { explain } from './client'

const refusedWith = (code: string, refusals: Refusal[]) =>
  TRPCClientError.from({
    error: { message: 'why', code: -32000, data: { code, httpStatus: 400, refusals } },
  } as never)
const vm = { id: 'vm-1', name: 'web' } as const
const host = { id: 'host-1', name: 'esx-01' } as const

describe('exit codes', () => {
  it('tell a refusal from a wrong name, a wrong value and a server that cannot', () => {
    const codes = (code: string, refusal: Refusal) => explain(refusedWith(code, [refusal]), 'http://x').code
    expect(codes('PRECONDITION_FAILED', { code: 'already_there', vm, host })).toBe(3)
    expect(codes('FORBIDDEN', { code: 'forbidden', role: 'auditor', needs: 'admin' })).toBe(3)
    expect(codes('NOT_FOUND', { code: 'not_found', noun: 'VM', id: 'vm-9' })).toBe(4)
    expect(codes('BAD_REQUEST', { code: 'invalid', field: 'vcpus', problem: 'p', remedy: 'r' })).toBe(2)
    expect(codes('SERVICE_UNAVAILABLE', { code: 'database_away', sinceAt: null })).toBe(5)
  })

  it('say how to sign in, and that nobody answers', () => {
    expect(explain(refusedWith('UNAUTHORIZED', []), 'http://x')).toMatchObject({
      code: 5,
      message: 'You are not signed in at http://x. Run: drover login --server http://x',
    })
    const away = TRPCClientError.from(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }))
    expect(explain(away, 'http://x')).toMatchObject({
      code: 5,
      message: expect.stringContaining('http://x does not answer (ECONNREFUSED)'),
    })
  })

  it('hide no fault of our own', () => {
    expect(() => explain(new TypeError('oops'), 'http://x')).toThrow('oops')
  })
})
