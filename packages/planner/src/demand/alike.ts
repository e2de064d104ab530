import { steadyLevel } from './steady'

/** What one of many alike asked for, as shares of its size, at even distances, the newest last. */
export interface Shares {
  samples: ArrayLike<number>
  size: number
}

export interface AlikeOptions {
  /** After so many samples one counts half: for the level, and for how much it swings. */
  levelHalfLife: number
  swingHalfLife: number
  /** As so many samples counts what all do, until there are enough of one's own: for both again. */
  levelWeight: number
  swingWeight: number
  /** Samples from which the rise or fall of all together is read. */
  recent: number
}

export const defaultAlike: AlikeOptions = {
  levelHalfLife: 20,
  swingHalfLife: 50,
  levelWeight: 1,
  swingWeight: 6,
  recent: 12,
}

/** Nobody is so quiet that it could not stir. */
const stir = 1e-3

/**
 * What each of many VMs is expected to ask for, in the unit of its size: from its own samples and, while these are few, from
 * what all do. The level of all together is known much better than that of one, so it is believed sooner. Each has
 * at least one sample, and all have as many.
 */
export function levelsAlike(
  all: readonly Shares[],
  options: AlikeOptions = defaultAlike,
): { mean: number; sd: number; now: number }[] {
  if (all.length === 0) return []
  const own = all.map(({ samples }) => steadyLevel(samples))
  const mean = own.reduce((sum, level) => sum + level.mean, 0) / all.length
  // A share between none and all swings the more, the further it is from both.
  const swing = (level: number) => Math.max(stir, level * (1 - level))
  const ratio =
    own.reduce((sum, level) => sum + level.sd ** 2, 0) /
    own.reduce((sum, level) => sum + swing(level.mean), 0)
  const last = Math.min(options.recent, all[0]!.samples.length)
  let recent = 0
  let expected = 0
  const each = all.map(({ samples, size }) => {
    const long = { halfLife: options.swingHalfLife, weight: options.swingWeight }
    const guess = steadyLevel(samples, { ...long, prior: { mean, sd: 0, weight: long.weight } })
    const prior = { mean, sd: Math.sqrt(ratio * swing(guess.mean)), weight: long.weight }
    const spread = steadyLevel(samples, { halfLife: long.halfLife, prior })
    const level = steadyLevel(samples, {
      halfLife: options.levelHalfLife,
      prior: { ...prior, weight: options.levelWeight },
    })
    expected += level.mean * size
    for (let i = samples.length - last; i < samples.length; i += 1) recent += (samples[i]! * size) / last
    // The level itself is known only so well.
    const sd = spread.sd * Math.sqrt(1 + 1 / (spread.samples + long.weight))
    return { mean: level.mean * size, sd: sd * size, now: samples[samples.length - 1]! * size }
  })
  const swell = expected > 0 ? (recent / expected) ** (last / options.recent) : 1
  return each.map(({ mean: level, sd, now }) => ({ mean: level * swell, sd: sd * Math.sqrt(swell), now }))
}
