import { afterEach, describe, expect, it, vi } from 'vitest'
import { inputOf, textsOf } from '../threshold/form'
import { api } from './client'

describe('questions to the API', () => {
  afterEach(() => vi.unstubAllGlobals())

  /** What is asked, as it goes over the line; everything is answered with `data`. */
  function line(data: unknown) {
    const sent: { method: string; url: string; body: string | null }[] = []
    vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
      sent.push({ method: init?.method ?? 'GET', url, body: (init?.body as string | undefined) ?? null })
      const answer = { result: { data } }
      return Response.json(url.includes('batch=1') ? [answer] : answer)
    })
    return sent
  }

  it('go by POST where they are too long for an address, and small ones in the address', async () => {
    const sent = line({ proposals: [], held: [], conflicts: [], blocked: null })
    const { clusterId, ...rule } = inputOf('cluster-1', { ...textsOf(), name: 'hot' })!
    const thresholds = Array.from({ length: 60 }, (_, i) => ({ ...rule, name: `hot ${i}` }))
    await api.cluster.draftRules.query({ clusterId, rules: { thresholds } })
    await api.decision.replay.query({ decisionId: 'decision-1', rules: { thresholds } })
    await api.cluster.recommendations.query({ clusterId })
    expect(sent.map(({ method, url }) => `${method} ${url.split('?')[0]}`)).toEqual([
      'POST /api/trpc/cluster.draftRules',
      'POST /api/trpc/decision.replay',
      'GET /api/trpc/cluster.recommendations',
    ])
    for (const { url } of sent) expect(url.length).toBeLessThan(4_000)
    expect(JSON.parse(sent[0]!.body!).rules.thresholds).toHaveLength(60)
  })
})
