/** What is known before anything was seen, or of the like: counts as `weight` samples. */
export interface Prior {
  mean: number
  sd: number
  weight: number
}

export interface Steadiness {
  /** After so many samples one counts half. Absent: all count alike. */
  halfLife?: number
  prior?: Prior
}

export interface Level {
  mean: number
  sd: number
  /** How many samples it rests on, as they count. */
  samples: number
}

/**
 * The level about which a demand swings, and how much: for demand whose next sample says little that the level does not.
 * Samples at even distances, the newest last, in any unit. Without samples and without a prior: 0.
 */
export function steadyLevel(samples: ArrayLike<number>, { halfLife, prior }: Steadiness = {}): Level {
  const fade = halfLife === undefined ? 1 : 2 ** (-1 / halfLife)
  let [weight, sum, squares] = [0, 0, 0]
  for (let i = 0; i < samples.length; i += 1) {
    const value = samples[i]!
    weight = weight * fade + 1
    sum = sum * fade + value
    squares = squares * fade + value * value
  }
  const before = prior?.weight ?? 0
  const all = weight + before
  if (all === 0) return { mean: 0, sd: 0, samples: 0 }
  const mean = (sum + before * (prior?.mean ?? 0)) / all
  // Spread about what was seen itself: one degree of freedom is used up by its mean.
  const own = weight > 0 ? Math.max(0, squares - (sum * sum) / weight) : 0
  const freedom = Math.max(0, weight - 1) + before
  const variance = freedom > 0 ? (own + before * (prior?.sd ?? 0) ** 2) / freedom : 0
  return { mean, sd: Math.sqrt(variance), samples: weight }
}
