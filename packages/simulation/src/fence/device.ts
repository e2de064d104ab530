import type { PowerState } from '@drover/model'

/** How a fence device misbehaves. */
export type DeviceMode =
  | 'sound'
  /** Nothing answers there. */
  | 'broken'
  /** It answers every call with an error: a wrong password, a full session table. */
  | 'refusing'
  /** It says OK to "off", and nothing happens. */
  | 'lying'
  /** It takes the order, and the host goes off much later than it answers. */
  | 'late'

export interface DeviceDescription {
  /** Its name, and its station on the network. */
  name: string
  host: string
  /** `bmc`: switches the host. `outlet`: switches one of its power supplies; it is off when all of them are. */
  kind: 'bmc' | 'outlet'
  /** 1 is tried first. */
  level: number
  mode?: DeviceMode
  /** Answers no more when its host has lost its power, as a BMC on the same supply. Default true for a BMC. */
  sharesPower?: boolean
  /** How long it takes to answer; default 200. */
  answerMs?: number
  /** From "off" until the host is off; default 800, 12,000 when late. */
  offAfterMs?: number
  /** It is run on this host instead of on control. */
  via?: string | null
}

/** The host behind a device. */
export interface Powered {
  readonly powered: boolean
  /** Whether there is current at all. */
  readonly supplied: boolean
  /** Everything in memory is gone at once. */
  switchOff(by: string): void
  switchOn(by: string): void
}

/** One fence device: what it does when it is told to. It goes on with what it was told, whoever told it has died. */
export class Device {
  mode: DeviceMode
  answerMs: number
  offAfterMs: number
  /** Of an outlet: whether there is current on it. */
  outlet = true
  /** Orders that somebody began to give, whether they reached it or not. */
  readonly tries: { at: number; action: 'off' | 'on' }[] = []
  /** Orders that it took, for the log and for checkers. */
  readonly orders: { at: number; action: 'off' | 'on' }[] = []

  constructor(
    readonly is: DeviceDescription,
    private readonly host: Powered,
    private readonly clock: { now(): number; setTimer(ms: number, fn: () => void): () => void },
    /** All outlets of the host, this one included. */
    private readonly outlets: () => Device[],
    private readonly say: (text: string) => void,
  ) {
    this.mode = is.mode ?? 'sound'
    this.answerMs = is.answerMs ?? 200
    this.offAfterMs = is.offAfterMs ?? (this.mode === 'late' ? 12_000 : 800)
  }

  /** It does as it should again. */
  mend(): void {
    this.mode = 'sound'
    this.answerMs = this.is.answerMs ?? 200
    this.offAfterMs = this.is.mode === 'late' ? 800 : (this.is.offAfterMs ?? 800)
  }

  /** Whether anything answers at its address. */
  get answers(): boolean {
    if (this.mode === 'broken') return false
    return this.host.supplied || !(this.is.sharesPower ?? this.is.kind === 'bmc')
  }

  get refuses(): boolean {
    return this.mode === 'refusing'
  }

  /** What it says of the power when it is asked. */
  get power(): PowerState {
    if (this.is.kind === 'outlet') return this.outlet ? 'on' : 'off'
    return this.host.powered ? 'on' : 'off'
  }

  order(action: 'off' | 'on'): void {
    this.orders.push({ at: this.clock.now(), action })
    this.say(`is told to switch ${this.is.host} ${action}`)
    if (this.mode === 'lying') return
    const act = () => {
      if (this.is.kind === 'outlet') {
        this.outlet = action === 'on'
        if (action === 'off' && this.outlets().some(({ outlet }) => outlet)) return
      }
      if (action === 'off') this.host.switchOff(this.is.name)
      else this.host.switchOn(this.is.name)
    }
    this.clock.setTimer(action === 'off' ? this.offAfterMs : 500, act)
  }
}
