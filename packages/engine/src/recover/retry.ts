import type { HostId, Recovery, VmHa } from '@drover/model'

type Tried = Recovery['tried']
type Retries = VmHa['retries']

const firstBackoffMs = 5_000
const longestBackoffMs = 60_000

/**
 * The list of failed starts after one more. Each entry is one stay on a host: it gets `1 + sameHost` attempts, and the
 * list gets `1 + otherHosts` entries. A host comes a second time when there is no other.
 */
export function afterFailure(retries: Retries, tried: Tried, hostId: HostId): Tried {
  const last = tried.at(-1)
  if (last?.hostId === hostId && last.times <= retries.sameHost)
    return [...tried.slice(0, -1), { hostId, times: last.times + 1 }]
  return [...tried, { hostId, times: 1 }]
}

/** Whether it has been tried as often as it may be. */
export function isExhausted(retries: Retries, tried: Tried): boolean {
  const last = tried.at(-1)
  return last !== undefined && tried.length > retries.otherHosts && last.times > retries.sameHost
}

export function failuresOf(tried: Tried): number {
  return tried.reduce((sum, { times }) => sum + times, 0)
}

/** 5 s after the first failure, twice as long after each further one, at most a minute. */
export function backoffMs(tried: Tried): number {
  return Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.max(0, failuresOf(tried) - 1))
}

/** Where it is tried next: on the host of the last attempt as long as that has attempts left, else on another. */
export function nextPlace(retries: Retries, tried: Tried): { stay: HostId | null; avoid: HostId[] } {
  const last = tried.at(-1)
  if (!last) return { stay: null, avoid: [] }
  if (last.times <= retries.sameHost) return { stay: last.hostId, avoid: [] }
  return { stay: null, avoid: [...new Set(tried.map(({ hostId }) => hostId))] }
}
