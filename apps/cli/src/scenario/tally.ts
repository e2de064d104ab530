import { basename } from 'node:path'
import type { Result } from './work'

type Judged = Extract<Result, { kind: 'ran' | 'answered' }>
export type Tier = 'must' | 'should' | 'policy'
export const tiers: readonly Tier[] = ['must', 'should', 'policy']

/** How many expectations of a tier hold, and how many there are. */
export interface Count {
  held: number
  of: number
}

export function isJudged(result: Result): result is Judged {
  return result.kind === 'ran' || result.kind === 'answered'
}

export function countOf(results: readonly Result[], tier: Tier): Count {
  const verdicts = results.flatMap((result) => (isJudged(result) ? result.verdicts.map(lean) : []))
  const mine = verdicts.filter((verdict) => verdict.tier === tier)
  return { held: mine.filter(({ ok }) => ok).length, of: mine.length }
}

function lean({ expectation, ok }: Judged['verdicts'][number]): { tier: Tier; ok: boolean } {
  return { tier: expectation.tier, ok }
}

/** What did not hold: what was expected, and what was found. */
export function failures(
  result: Result,
): { tier: Tier; expected: string; found: string; why: string | null }[] {
  if (!isJudged(result)) return []
  return result.verdicts
    .filter(({ ok }) => !ok)
    .map(({ expectation, found }) => {
      const { tier, why = null, ...rest } = expectation
      return { tier, expected: sayExpected(rest), found, why }
    })
}

function sayExpected({ kind, ...rest }: { kind: string; id?: string }): string {
  const fields = Object.entries(rest).filter(
    ([key, value]) => key !== 'id' && key !== 'tag' && value !== undefined,
  )
  return [
    kind,
    ...fields.map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`),
  ].join(' ')
}

/** One line: `ok    pve-basic1.json  must 9/9  should 1/1  0.6 s`. */
export function lineOf(result: Result): string {
  const name = basename(result.file)
  switch (result.kind) {
    case 'wrong':
    case 'broken':
      return `${result.kind.padEnd(6)} ${name}  ${result.problem}`
    case 'skipped':
      return `skip   ${name}  ${result.missing.map(({ feature, why }) => `${feature}: ${why}`).join('; ')}`
    default: {
      const counts = tiers.flatMap((tier) => {
        const { held, of } = countOf([result], tier)
        return of === 0 ? [] : [`${tier} ${held}/${of}`]
      })
      if (counts.length === 0) counts.push('expects nothing')
      const must = countOf([result], 'must')
      const mark = must.held < must.of ? 'FAILED' : failures(result).length > 0 ? 'short ' : 'ok    '
      return `${mark} ${name}  ${[...counts, `${(result.ms / 1_000).toFixed(1)} s`].join('  ')}`
    }
  }
}

/** What stands below a file's line: what did not hold and what came up then, and what of the file was not read. */
export function detailsOf(result: Result): string[] {
  if (!isJudged(result)) return []
  const short = failures(result).map(({ tier, expected, found }) => `${tier}: ${expected}; found: ${found}`)
  const notes = result.kind === 'ran' && short.length > 0 ? result.notes : []
  const ignored =
    result.ignored.length > 0 ? [`not known to Drover, and not read: ${result.ignored.join(', ')}`] : []
  return [...short, ...notes, ...ignored].map((text) => `         ${text}`)
}

/** All of it, for another program. */
export function reportOf(results: readonly Result[], declared: readonly string[]): object {
  return {
    format: 'drover-scenario-report/1',
    declared,
    totals: Object.fromEntries(tiers.map((tier) => [tier, countOf(results, tier)])),
    skipped: results.flatMap((result) =>
      result.kind === 'skipped' ? [{ file: result.file, id: result.id, missing: result.missing }] : [],
    ),
    files: results.map((result) => {
      const { file, ms, kind } = result
      if (result.kind === 'wrong' || result.kind === 'broken')
        return { file, ms, kind, problem: result.problem }
      const { id, title } = result
      if (result.kind === 'skipped') return { file, id, title, kind, missing: result.missing }
      const verdicts = result.verdicts.map(({ expectation, ok, found }) => ({ ...expectation, ok, found }))
      const notes = result.kind === 'ran' ? result.notes : []
      return { file, id, title, kind, ms, notes, ignored: result.ignored, verdicts }
    }),
  }
}
