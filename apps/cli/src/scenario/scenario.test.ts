import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { declaredTags } from '@drover/simulation/scenario'
import { beforeAll, describe, expect, it } from 'vitest'
import { runAll } from './pool'
import { countOf, detailsOf, failures, isJudged, lineOf, reportOf } from './tally'
import type { Result } from './work'

const folder = fileURLToPath(new URL('../../../../docs/scenarios/', import.meta.url))
const examples = readdirSync(folder).map((name) => `${folder}${name}`)

describe('the examples of the handbook', () => {
  const results: Result[] = []
  beforeAll(async () => {
    const declared = Object.keys(declaredTags)
    const jobs = examples.map((file) => ({ file, declared }))
    await runAll(jobs, 1, (result) => results.push(result))
  }, 60_000)

  it('come out as they say', () => {
    expect(results).toHaveLength(examples.length)
    expect(results.flatMap(failures)).toEqual([])
    expect(results.filter((result) => !isJudged(result)).map(lineOf)).toEqual([])
    expect(countOf(results, 'must').of).toBeGreaterThan(15)
  })

  it('give a report that other programs can read', () => {
    const report = JSON.parse(JSON.stringify(reportOf(results, ['a.b']))) as Record<string, unknown>
    const must = countOf(results, 'must')
    expect(report).toMatchObject({ declared: ['a.b'], totals: { must }, skipped: [] })
    expect(report.files).toHaveLength(examples.length)
  })
})

describe('what a line says', () => {
  const base = { file: '/x/one.json', ms: 1_234 }
  const verdict = (ok: boolean, tier: 'must' | 'should') => ({
    expectation: { tier, kind: 'vm' as const, vm: 'mail', running: true as const, at: 'end' },
    ok,
    found: 'does not run',
  })
  const ran = (...verdicts: ReturnType<typeof verdict>[]): Result => ({
    ...base,
    kind: 'ran',
    id: 'one',
    title: '',
    trace: { format: 'vmha-trace/1', scenario: 'one', events: [] },
    verdicts,
    notes: [],
    ignored: [],
    virtualMs: 1,
  })

  it.each<[string, Result, string]>([
    ['all holds', ran(verdict(true, 'must')), 'ok     one.json  must 1/1  1.2 s'],
    [
      'a should does not',
      ran(verdict(true, 'must'), verdict(false, 'should')),
      'short  one.json  must 1/1  should 0/1  1.2 s',
    ],
    ['a must does not', ran(verdict(false, 'must')), 'FAILED one.json  must 0/1  1.2 s'],
    [
      'skipped',
      { ...base, kind: 'skipped', id: 'one', title: '', missing: [{ feature: 'a.b', why: 'no b' }] },
      'skip   one.json  a.b: no b',
    ],
    ['nothing is expected', ran(), 'ok     one.json  expects nothing  1.2 s'],
    ['not readable', { ...base, kind: 'wrong', problem: 'no.' }, 'wrong  one.json  no.'],
  ])('%s', (_what, result, line) => {
    expect(lineOf(result)).toBe(line)
  })

  it('and what of the file was not read', () => {
    const typo = { ...ran(verdict(true, 'must')), ignored: ['cluster.hosts[0].mem_mb'] } as Result
    expect(detailsOf(typo).join()).toMatch(/not read: cluster.hosts\[0\].mem_mb/)
    expect(detailsOf(ran(verdict(true, 'must')))).toEqual([])
  })

  it('and what was expected instead', () => {
    expect(failures(ran(verdict(false, 'must')))).toEqual([
      { tier: 'must', expected: 'vm vm=mail running=true at=end', found: 'does not run', why: null },
    ])
  })
})
