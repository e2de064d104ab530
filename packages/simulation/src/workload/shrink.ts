import type { Planned } from './plan'

/**
 * Leaves out as much of a failing plan as it can while it still fails in the same way (Zeller's ddmin, one pass per
 * size of piece). At most `runs` tries.
 */
export async function shrink(
  plan: Planned[],
  stillFails: (plan: Planned[]) => Promise<boolean>,
  runs = 150,
): Promise<Planned[]> {
  let best = plan
  let left = runs
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.length && left > 0; ) {
      const shorter = [...best.slice(0, at), ...best.slice(at + size)]
      left--
      if (await stillFails(shorter)) best = shorter
      else at += size
    }
  }
  return best
}
