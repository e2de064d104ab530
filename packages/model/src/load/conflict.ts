import type { Ref } from '../id'

/** Rules about load that get into one another's way, or that cannot do what they say. */
export interface LoadConflict {
  /** `error`: it cannot be saved like that. */
  level: 'error' | 'warning'
  /** `balance`, `power`, or the id of a threshold or placement rule; with its name. */
  rules: { id: string; name: string }[]
  vms: Ref[]
  hosts: Ref[]
  text: string
  /** What would resolve it. */
  remedy: string
}
