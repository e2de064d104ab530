import { carePlants } from './care'
import { crashPlants } from './crash'
import { deathPlants } from './death'
import { loadPlants } from './load'
import type { SourcePlant } from './plant'

export { carePlants, crashPlants, deathPlants, loadPlants }

/** All mistakes that are made in the source. */
export const sourcePlants: readonly SourcePlant[] = [
  ...deathPlants,
  ...carePlants,
  ...loadPlants,
  ...crashPlants,
]
