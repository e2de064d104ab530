/** A number as a form shows it: `per` of the stored value make one of its unit. Limits are in the field's unit. */
export interface NumberSpec {
  unit: string
  per: number
  min: number
  max: number
  whole?: boolean
  /** May be left empty, which is stored as null. */
  optional?: boolean
}

/** A stored value as the field shows it; no more digits than needed. */
export function numberText({ per }: NumberSpec, value: number | null): string {
  return value === null ? '' : String(Number((value / per).toFixed(3)))
}

/** What is wrong with what was typed, or null. */
export function numberProblem({ min, max, whole, optional }: NumberSpec, text: string): string | null {
  const typed = text.trim().replace(',', '.')
  if (optional && typed === '') return null
  const value = Number(typed)
  const right = typed !== '' && Number.isFinite(value) && value >= min && value <= max
  if (right && (!whole || Number.isInteger(value))) return null
  const or = optional ? ', or nothing for no limit' : ''
  return `${whole ? 'A whole number' : 'A number'} from ${min} to ${max}${or}.`
}

/** The stored value of what was typed; `numberProblem` has said that it can be read. */
export function numberValue({ per }: NumberSpec, text: string): number | null {
  const typed = text.trim().replace(',', '.')
  return typed === '' ? null : Number((Number(typed) * per).toFixed(6))
}

export const percent: NumberSpec = { unit: '%', per: 0.01, min: 0, max: 100 }
export const minutes: NumberSpec = { unit: 'min', per: 60_000, min: 0, max: 10_080 }
export const megabytesPerSecond: NumberSpec = { unit: 'MB/s', per: 1e6, min: 0, max: 1_000_000 }
export const gibibytes: NumberSpec = { unit: 'GiB', per: 1024 ** 3, min: 0, max: 1_000_000 }
export const watts: NumberSpec = { unit: 'W', per: 1, min: 0, max: 20_000 }
export const count = (unit: string, min = 0, max = 10_000): NumberSpec => ({
  unit,
  per: 1,
  min,
  max,
  whole: true,
})
