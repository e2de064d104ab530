import type { LoadPicture, LoadRules } from '@drover/model'

export const stepMs = 300_000
export const hourMs = 3_600_000
/** Windows of five minutes, and hours, that are known before the first step: what estimates look at. */
export const recentSteps = 24
export const pastHours = 168

/** What was recorded of a cluster: plain columns, that threads may share. NaN: not heard. */
export interface Recorded {
  /** The cluster as it is now: hosts, VMs, and what does not change. */
  picture: LoadPicture
  /** Start of the first step; a multiple of five minutes. */
  fromAt: number
  steps: number
  /** By VM: its host at the first step, by index; -1: none of these. */
  places: Int32Array
  /** By VM, `recentSteps + steps` windows of five minutes each; CPU with what was wanted and not had. */
  usage: Record<'cpuMean' | 'cpuP95' | 'memoryMean' | 'diskMean' | 'networkMean', Float32Array>
  /** By VM, `pastHours + hours` each; the first is `firstHour`. */
  hourly: Record<'cpuMean' | 'cpuP95', Float32Array>
  hours: number
}

/** Columns for so many VMs. `shared`: in memory that threads share. */
export function emptyRecorded(picture: LoadPicture, fromAt: number, toAt: number, shared = false): Recorded {
  const from = Math.floor(fromAt / stepMs) * stepMs
  const steps = Math.max(0, Math.floor((toAt - from) / stepMs))
  const vms = picture.vms.length
  const hours = Math.ceil((from + steps * stepMs) / hourMs) - Math.floor(from / hourMs)
  const column = (length: number) =>
    new Float32Array(shared ? new SharedArrayBuffer(length * 4) : new ArrayBuffer(length * 4)).fill(
      Number.NaN,
    )
  const windows = () => column(vms * (recentSteps + steps))
  const past = () => column(vms * (pastHours + hours))
  return {
    picture,
    fromAt: from,
    steps,
    places: Int32Array.from(picture.vms, ({ at }) => at),
    usage: {
      cpuMean: windows(),
      cpuP95: windows(),
      memoryMean: windows(),
      diskMean: windows(),
      networkMean: windows(),
    },
    hourly: { cpuMean: past(), cpuP95: past() },
    hours,
  }
}

/** Windows of a VM in its columns. */
export const rowOf = ({ steps }: Pick<Recorded, 'steps'>): number => recentSteps + steps
export const hourRowOf = ({ hours }: Pick<Recorded, 'hours'>): number => pastHours + hours

/** Rules as if whatever they recommend were done at once: what they would have come to. */
export function followed(rules: LoadRules): LoadRules {
  const { balance, power, thresholds } = rules
  return {
    ...rules,
    balance: balance.mode === 'off' ? balance : { ...balance, mode: 'full' },
    power: power.mode === 'off' ? power : { ...power, mode: 'full' },
    thresholds: thresholds.map((rule) => ({ ...rule, automation: 'full' })),
  }
}
