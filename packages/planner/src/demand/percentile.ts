/** A value with how much it counts. */
export interface Weighted {
  value: number
  weight: number
}

/**
 * The smallest value that at least this share (0 to 1) of the weight does not exceed. Null: nothing weighs anything.
 */
export function weightedPercentile(values: readonly Weighted[], share: number): number | null {
  const sorted = values.filter(({ weight }) => weight > 0).sort((a, b) => a.value - b.value)
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0)
  if (total <= 0) return null
  let sum = 0
  for (const { value, weight } of sorted) {
    sum += weight
    if (sum >= share * total * (1 - 1e-12)) return value
  }
  return sorted.at(-1)!.value
}

/** The middle one; of two middle ones their mean. 0 of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length === 0) return 0
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
