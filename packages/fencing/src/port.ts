import type { FenceAgentInfo, FenceAnswer } from '@drover/model'

export type FenceAction = 'off' | 'on' | 'status' | 'soft'

/** A device as it is run: parameters complete, secrets opened. Lives as long as the run. */
export interface FenceTarget {
  agent: string
  params: Record<string, string>
  timeoutMs: number
}

/** What an adapter throws when a device cannot be run at all. `message` is a sentence without any secret. */
export class FenceError extends Error {
  override name = 'FenceError'
}

/**
 * Fence devices, behind one port. `off` and `on` answer with the power state that the device reports after the act, by
 * asking for it; "the command said OK" is no answer. `unknown` when the device cannot say.
 */
export interface Fencing {
  /** Programs that can be used here. */
  agents(): Promise<string[]>
  /** What a program wants to know, from its own metadata. Throws `FenceError` for one that is not there. */
  describe(agent: string): Promise<FenceAgentInfo>
  run(action: FenceAction, target: FenceTarget): Promise<FenceAnswer>
}
