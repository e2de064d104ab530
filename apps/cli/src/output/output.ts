import type { CliError } from '../exit'
import { type Column, facts, table } from './table'

/** Where a command says things: results to stdout, all else to stderr, so that pipes carry results only. */
export interface Output {
  json: boolean
  rows<R>(rows: readonly R[], columns: readonly Column<R>[], whenNone: string): void
  /** One thing: all of it as JSON, the chosen facts as text. */
  one(data: unknown, list: readonly (readonly [string, string | number | null | undefined])[]): void
  /** A result that is a sentence. */
  say(sentence: string, data: unknown): void
  /** Not part of the result. */
  note(sentence: string): void
  error(error: CliError): void
}

export function createOutput(format: 'table' | 'json'): Output {
  const json = format === 'json'
  const write = (text: string) => void process.stdout.write(`${text}\n`)
  const data = (value: unknown) => write(JSON.stringify(value, null, 2))
  return {
    json,
    rows(rows, columns, whenNone) {
      if (json) data(rows)
      else if (rows.length === 0) process.stderr.write(`${whenNone}\n`)
      else write(table(rows, columns))
    },
    one: (value, list) => (json ? data(value) : write(facts(list))),
    say: (sentence, value) => (json ? data(value) : write(sentence)),
    note: (sentence) => void process.stderr.write(`${sentence}\n`),
    error({ message, refusals, code }) {
      const text = json ? JSON.stringify({ error: { message, code, refusals } }, null, 2) : message
      process.stderr.write(`${text}\n`)
    },
  }
}
