import { refused } from './refused'

/** The row, or the answer that there is none. */
export function found<T>(row: T | undefined, noun: string, id: string): T {
  if (row === undefined) throw refused([{ code: 'not_found', noun, id }])
  return row
}
