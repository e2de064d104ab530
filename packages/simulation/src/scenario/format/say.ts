import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** What is wrong with a file, a line for each field: `cluster.hosts[0].cpu has to be more than 0, and is -1.` */
export function sayIssues({ issues }: z.ZodError, json: unknown): string {
  return issues.map((issue) => sayIssue(issue, json)).join('\n')
}

function sayIssue(issue: Issue, json: unknown): string {
  const where = sayPath(issue.path)
  const given = at(json, issue.path)
  const is = given === undefined ? 'is missing' : `is ${sayValue(given)}`
  switch (issue.code) {
    case 'invalid_type':
      return given === undefined
        ? `${where} is missing; it has to be ${an(issue.expected)}.`
        : `${where} has to be ${an(issue.expected)}, and ${is}.`
    case 'invalid_value':
      return `${where} ${is}; it can be ${issue.values.map(String).join(', ')}.`
    case 'too_small':
      return issue.origin === 'number'
        ? `${where} has to be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}, and ${is}.`
        : `${where} is empty.`
    case 'invalid_format':
      return `${where} ${is}; it has to be ${issue.message}.`
    case 'invalid_union': {
      const options = (issue as { options?: unknown[] }).options
      return options
        ? `${where} ${sayUnknown(given, options.map(String))}`
        : `${where} ${is}: ${issue.message}.`
    }
    default:
      return `${where} ${is}: ${issue.message}.`
  }
}

/** One of many names that is none of them: the nearest, or all. */
function sayUnknown(given: unknown, known: readonly string[]): string {
  if (given === undefined) return `is missing; it can be ${known.join(', ')}.`
  const near = nearest(String(given), known)
  const help = near ? `Did you mean ${near}?` : `Known are ${known.join(', ')}.`
  return `is ${sayValue(given)}, which is not known. ${help}`
}

/** What was probably meant, if anything was. */
export function nearest(given: string, known: readonly string[]): string | null {
  const ranked = known
    .map((one) => ({ one, far: distance(given.toLowerCase(), one.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)
  const [best] = ranked
  return best && best.far <= Math.max(1, Math.floor(given.length / 4)) ? best.one : null
}

/** How many letters have to be changed, added or left out. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j += 1)
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === b[j] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}

/** `cluster.hosts[0].cpu` */
export function sayPath(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return text === '' ? 'The file' : text.replace(/^\./, '')
}

function sayValue(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function an(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`
}

function at(json: unknown, path: readonly PropertyKey[]): unknown {
  let value = json
  for (const part of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[part]
  return value
}
