import { useSyncExternalStore } from 'react'
import { themeKey as key } from './theme-script'

export type Theme = 'light' | 'dark' | 'system'

const listeners = new Set<() => void>()

function read(): Theme {
  const stored = localStorage.getItem(key)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

function apply(): void {
  const theme = read()
  const dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  const media = matchMedia('(prefers-color-scheme: dark)')
  media.addEventListener('change', apply)
  return () => {
    listeners.delete(listener)
    media.removeEventListener('change', apply)
  }
}

/** The chosen theme, and how to choose another; this browser remembers it. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore(subscribe, read, () => 'system' as const)
  return [
    theme,
    (next) => {
      if (next === 'system') localStorage.removeItem(key)
      else localStorage.setItem(key, next)
      apply()
    },
  ]
}
