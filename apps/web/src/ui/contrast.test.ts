import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

type Theme = Record<string, string>

function themes(): Record<string, Theme> {
  const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
  const found: Record<string, Theme> = {}
  for (const [, selector, body] of css.matchAll(/^(:root|\[data-theme=['"]dark['"]\]) \{([^}]*)\}/gm)) {
    const pairs = [...body!.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex])
    found[selector === ':root' ? 'light' : 'dark'] = Object.fromEntries(pairs)
  }
  return found
}

/** WCAG's relative luminance of `#rrggbb`. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high! + 0.05) / (low! + 0.05)
}

const grounds = ['canvas', 'surface', 'raised', 'sunken', 'hover', 'selected']
const states = ['ok', 'off', 'working', 'warning', 'error', 'maintenance', 'standby']
const words = ['text', 'text-2', 'text-3', 'accent', 'accent-hover', 'danger', ...states]
const pairs = [
  ...words.flatMap((word) => grounds.map((ground) => [word, ground] as const)),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['on-danger', 'danger'],
  ['on-danger', 'danger-hover'],
  ['on-dead', 'dead'],
] as const

describe('the colours', () => {
  it('are the same set in both themes', () => {
    const { light, dark } = themes()
    expect(Object.keys(light!).length).toBeGreaterThan(20)
    expect(Object.keys(dark!)).toEqual(Object.keys(light!))
  })

  it.each(Object.entries(themes()))('can be read in the %s theme: 4.5 to 1 at least', (_, theme) => {
    const weak = pairs
      .map(([word, ground]) => ({ word, ground, ratio: contrast(theme[word]!, theme[ground]!) }))
      .filter(({ ratio }) => !(ratio >= 4.5))
      .map(({ word, ground, ratio }) => `${word} on ${ground}: ${ratio.toFixed(2)}`)
    expect(weak).toEqual([])
  })
})
