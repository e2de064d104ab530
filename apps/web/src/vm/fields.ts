import { fromGiB } from '../format/quantity'

const MiB = 1024 ** 2

/** What is wrong with a VM's name, or null. */
export function nameProblem(name: string): string | null {
  if (name === '') return 'Give it a name.'
  if (name.length > 63) return 'At most 63 characters.'
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)
    ? null
    : 'Letters, digits, ".", "_" and "-"; the first is a letter or digit.'
}

/** What is wrong with a number of vCPUs, or null. */
export function vcpusProblem(text: string): string | null {
  const value = Number(text)
  return Number.isInteger(value) && value >= 1 && value <= 512 ? null : 'A whole number from 1 to 512.'
}

/** What is wrong with an amount of memory in GiB, or null. */
export function memoryProblem(text: string): string | null {
  const bytes = fromGiB(text)
  if (Number.isNaN(bytes)) return 'A number of GiB, such as 2 or 0.5.'
  return bytes >= 16 * MiB && bytes <= 16 * 1024 ** 4 ? null : 'From 0.016 to 16384 GiB.'
}

/** Words separated by commas or spaces, each once. */
export function readTags(text: string): string[] {
  return [...new Set(text.split(/[,\s]+/).filter(Boolean))]
}
