/**
 * The first page of rows that are sorted by time, the newest first: `limit` of them, and those that are of the same moment as the
 * last. Who goes on before that moment misses none.
 */
export function pageOf<R>(sorted: readonly R[], limit: number, at: (row: R) => number): R[] {
  const last = sorted[limit - 1]
  if (last === undefined) return [...sorted]
  const rest = sorted.slice(limit).findIndex((row) => at(row) !== at(last))
  return rest < 0 ? [...sorted] : sorted.slice(0, limit + rest)
}
