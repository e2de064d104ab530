import { useSyncExternalStore } from 'react'

/**
 * The address bar as state. Pages are drawn from the replica in memory, so going somewhere is a change of address
 * and nothing else: no request, no wait, and it works while the line is down.
 */
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('popstate', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('popstate', listener)
  }
}

/** Goes to an address of this dashboard. `replace`: Back does not return to where one was. */
export function navigate(href: string, { replace = false } = {}): void {
  if (href === location.pathname + location.search) return
  if (replace) window.history.replaceState(null, '', href)
  else window.history.pushState(null, '', href)
  for (const listener of [...listeners]) listener()
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname)
}

function useSearch(): string {
  return useSyncExternalStore(subscribe, () => location.search)
}

/** One filter, sort or choice of a page, kept in its address. An empty value leaves the address. */
export function useParam(name: string): [string, (value: string) => void] {
  const search = useSearch()
  const value = new URLSearchParams(search).get(name) ?? ''
  return [value, (next) => setParams({ [name]: next })]
}

/** Sets several at once; null or empty removes. */
export function setParams(values: Record<string, string | null>): void {
  const params = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(values)) {
    if (value) params.set(name, value)
    else params.delete(name)
  }
  const text = params.toString()
  navigate(location.pathname + (text ? `?${text}` : ''), { replace: true })
}
