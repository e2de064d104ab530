import type { Refusal } from '@drover/model'
import { TRPCClientError } from '@trpc/client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createClient, explain } from './client'

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
    expect(codes('PRECONDITION_FAILED', { code: 'not_now', problem: 'p', remedy: 'r' })).toBe(3)
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

describe('the client', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('asks about rules that are longer than an address may be', async () => {
    const sent: { method?: string; url: string; body: string }[] = []
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      sent.push({ method: init.method, url, body: init.body as string })
      return Response.json({ result: { data: { proposals: [] } } })
    })
    const api = createClient('http://x', {})
    const one = { name: 'hot', metric: 'cpu', above: 0.8, until: 0.6 } as const
    const thresholds = Array.from({ length: 60 }, (_, i) => ({ ...one, name: `hot ${i}` }))
    await api.cluster.draftRules.query({ clusterId: 'cluster-1', rules: { thresholds } })
    await api.fence.list.query()
    expect(sent).toMatchObject([
      { method: 'POST', url: 'http://x/api/trpc/cluster.draftRules' },
      // There is no body that says nothing.
      { method: 'GET', url: 'http://x/api/trpc/fence.list' },
    ])
    expect(JSON.parse(sent[0]!.body).rules.thresholds).toHaveLength(60)
  })
})
