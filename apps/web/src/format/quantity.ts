const GiB = 1024 ** 3

/** `0.84`, `3.2`, `12`: cores in use, with as many digits as say something. */
export function sayCores(cores: number): string {
  if (cores >= 10) return String(Math.round(cores))
  return cores.toFixed(cores < 1 ? 2 : 1)
}

/** A number of GiB as a form field shows it: `2`, `0.5`; no more digits than needed. */
export function toGiB(bytes: number): string {
  return String(Number((bytes / GiB).toFixed(3)))
}

/** Bytes of a form field in GiB, rounded to whole MiB; NaN when it is no number. */
export function fromGiB(text: string): number {
  const value = Number(text.trim().replace(',', '.'))
  return text.trim() === '' ? Number.NaN : Math.round(value * 1024) * 1024 ** 2
}

/** A fraction kept between 0 and 1, for bars. */
export function clamp(fraction: number): number {
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0
}

/** How loud a load is: from these fractions on it deserves a look, or trouble. */
export function loadLevel(fraction: number): 'calm' | 'high' | 'full' {
  return fraction >= 0.9 ? 'full' : fraction >= 0.8 ? 'high' : 'calm'
}
