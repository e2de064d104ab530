import type { Health } from '@drover/model'
import { create } from 'zustand'
import type { Replica } from './replica'

/** How things stand with the line to control. */
export type Line =
  | { state: 'connecting' }
  | { state: 'live' }
  | { state: 'lost'; sinceAt: number; why: string | null }
  | { state: 'signed out' }

export interface ReplicaState {
  replica: Replica | null
  line: Line
  health: Health | null
  /** Why the first picture could not be fetched, in words; null while all is well. */
  trouble: string | null
}

/** What the pages draw from. Only `connection.ts` writes it. */
export const useReplicaStore = create<ReplicaState>(() => ({
  replica: null,
  line: { state: 'connecting' },
  health: null,
  trouble: null,
}))
