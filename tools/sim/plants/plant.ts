import type { Victim } from '@drover/simulation'
import type { Patch } from '../bundle'

/** A mistake that could be made in the product, made in a copy of its source that only a simulation ever runs. */
export interface SourcePlant {
  name: string
  /** The mistake, in words. */
  does: string
  /** The checker that has to find it, by its name: whatever else breaks is not counted. */
  by: string
  patches: readonly Patch[]
}

/** One that only somebody's death in the middle of a task brings to light. */
export interface CrashPlant extends SourcePlant {
  /** The story of the crash matrix, by its name, and who is struck in it. Undisturbed it ends well in spite of the mistake. */
  story: string
  victim: Victim
}
