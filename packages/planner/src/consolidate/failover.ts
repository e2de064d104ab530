import { tolerates } from '../survive/tolerates'
import type { Field } from './field'

/** A failure that the hosts which are awake would not survive. */
export interface Shortfall {
  failed: number[]
  /** Protected VMs that would have no place. */
  down: number[]
  /** Hosts that are missing for there to be one left after the failures, whatever runs. */
  hosts: number
}

/**
 * What is missing for the failures that the goal names, as things stand on the field; null: nothing. With hosts that are
 * awake no more than may fail there is nobody left to start anything on, also what runs nowhere yet.
 */
export function shortfall(field: Field, findWorst = false): Shortfall | null {
  const { failures } = field.goal
  if (failures <= 0) return null
  const hosts = Math.max(0, failures + 1 - field.layout.accepts.reduce((sum, takes) => sum + takes, 0))
  const { ok, worst } = tolerates(field.asModel(), failures, { findWorst })
  if (ok && hosts === 0) return null
  return { failed: worst?.failed ?? [], down: worst?.down ?? [], hosts }
}
