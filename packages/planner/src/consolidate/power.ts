/** What a host draws, from its own data sheet or measurements. */
export interface PowerModel {
  /** Watts at 0 % and at 100 % of its CPU. */
  idleWatts: number
  maxWatts: number
  /** Watts at even steps of utilisation, the first at 0, the last at 1; where known, instead of a straight line. */
  curve?: readonly number[]
  /** Watts while it sleeps or is off. */
  asleepWatts?: number
}

/** Watts at a utilisation from 0 to 1; beyond, as at the end. */
export function wattsAt({ idleWatts, maxWatts, curve }: PowerModel, utilisation: number): number {
  const share = Math.min(1, Math.max(0, utilisation))
  if (!curve || curve.length < 2) return idleWatts + (maxWatts - idleWatts) * share
  const at = share * (curve.length - 1)
  const low = Math.min(curve.length - 2, Math.floor(at))
  return curve[low]! + (curve[low + 1]! - curve[low]!) * (at - low)
}
