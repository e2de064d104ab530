/** The value below which a share `q` (0 to 1) of the values lies, between two of them where need be. NaN when there are none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? low
  return low + (high - low) * (at - Math.floor(at))
}

/** A histogram's buckets: how many values were at most this large. */
export type Buckets = [atMost: number, count: number][]

/** The quantile of values that are only known by their buckets: the place in its bucket is taken to be even. */
export function bucketQuantile(buckets: Buckets, q: number): number {
  const total = buckets.at(-1)?.[1] ?? 0
  if (total === 0) return Number.NaN
  const wanted = total * q
  let below = 0
  let from = 0
  for (const [atMost, count] of buckets) {
    if (count >= wanted && count > below) {
      if (!Number.isFinite(atMost)) return from
      return from + ((atMost - from) * (wanted - below)) / (count - below)
    }
    below = count
    from = atMost
  }
  return from
}
