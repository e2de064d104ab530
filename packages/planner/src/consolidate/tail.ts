/** The share of a normal distribution that lies above so many standard deviations; within 1e-7. */
export function tail(deviations: number): number {
  if (deviations < 0) return 1 - tail(-deviations)
  if (deviations > 8) return 0
  // Abramowitz and Stegun 26.2.17.
  const t = 1 / (1 + 0.2316419 * deviations)
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp((-deviations * deviations) / 2) / Math.sqrt(2 * Math.PI)) * series
}
