import { router } from '../trpc'
import { snapshot } from './snapshot'

export const inventory = router({ snapshot })
