import type { FenceId, HostId } from '../id'

export type PowerState = 'on' | 'off' | 'unknown'

/**
 * A way to switch a host off and to ask whether it is: a program of the fence-agents package with its parameters.
 * Devices of one level are all needed (two power supplies); levels are tried in order. Secrets are kept sealed.
 */
export interface FenceDevice {
  id: FenceId
  hostId: HostId
  name: string
  /** 1 is tried first. */
  level: number
  /** `fence_ipmilan`; `soft_ssh` restarts the agent over ssh and proves nothing. */
  agent: string
  /** By the names of the program's own metadata; no secrets. */
  params: Record<string, string>
  /** Secret parameters, each sealed with the installation's key. Never leaves control. */
  sealed: Record<string, string>
  /** Runs on this host instead of on control. */
  viaHostId: HostId | null
  /** Waits before it acts, so that of two that fence each other one wins. */
  delayMs: number
  retries: number
  timeoutMs: number
  enabled: boolean
  /** The last test: asked for the power state. */
  lastTest: FenceTest | null
}

export interface FenceTest {
  at: number
  ok: boolean
  power: PowerState
  ms: number
  /** What the device said, in words. */
  message: string
}

/** What control's fence runner is told to do; the result's data is a `FenceAnswer`. */
export interface FenceOrder {
  kind: 'fence.off' | 'fence.on' | 'fence.status' | 'fence.soft'
  deviceId: FenceId
}

/** What a device answered. `power` is what it said when asked for the state, never what a command "OK" suggests. */
export interface FenceAnswer {
  power: PowerState
  message: string
}

/** A parameter as the program's metadata describes it. */
export interface FenceParameter {
  name: string
  type: 'string' | 'boolean' | 'integer' | 'second' | 'select'
  required: boolean
  secret: boolean
  default: string | null
  options: string[]
  description: string
}

export interface FenceAgentInfo {
  agent: string
  description: string
  parameters: FenceParameter[]
}
