import type { Patch } from './bundle'

export interface SourcePlant {
  name: string
  /** The mistake, in words. */
  does: string
  patches: readonly Patch[]
}

/** Mistakes that could be made in the product, made in a copy of its source that only a simulation ever runs. */
export const sourcePlants: SourcePlant[] = []
