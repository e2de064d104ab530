export type { GuestProbe, GuestStatus, GuestWatch, WatchResult } from './guest/probe'
export * from './types'
