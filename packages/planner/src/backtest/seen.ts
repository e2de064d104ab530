import { hourMs, hourRowOf, pastHours, type Recorded, recentSteps, rowOf, stepMs } from './recorded'

/** Windows that say how much it is now: half an hour; and of which one at least was heard if it runs. */
const level = 6
const silent = 3
/** Steps that are laid out anew at once: columns by VM are slow to be read by time. */
const block = 48

/** The recorded loads of all VMs at one moment after the other. CPU in cores, memory in bytes; 0 where nothing was heard. */
export class Seen {
  /** In the window that begins now: what is to come. */
  readonly cpu: Float64Array
  readonly memory: Float64Array
  /** In the window that has just ended. */
  readonly lastCpu: Float64Array
  readonly lastMemory: Float64Array
  /** On average of half an hour. */
  readonly level: Float64Array
  /** 1: it runs, as far as was heard. */
  readonly runs: Uint8Array
  step = 0
  readonly #row: number
  readonly #cpus: Float32Array
  readonly #memories: Float32Array
  #block = -1
  #hour = -1
  #hours = 0
  readonly #peaks: Float64Array

  constructor(readonly recorded: Recorded) {
    const vms = recorded.picture.vms.length
    this.#row = rowOf(recorded)
    this.cpu = new Float64Array(vms)
    this.memory = new Float64Array(vms)
    this.lastCpu = new Float64Array(vms)
    this.lastMemory = new Float64Array(vms)
    this.level = new Float64Array(vms)
    this.runs = new Uint8Array(vms)
    this.#cpus = new Float32Array((block + level) * vms)
    this.#memories = new Float32Array((block + level) * vms)
    this.#peaks = new Float64Array(vms)
  }

  get now(): number {
    return this.recorded.fromAt + this.step * stepMs
  }

  /** Goes to this step. Answers whether anything was heard in its window. */
  go(step: number): boolean {
    this.step = step
    const vms = this.cpu.length
    this.#layOut(Math.floor(step / block))
    const at = (step - this.#block * block + level) * vms
    let heard = 0
    for (let vm = 0; vm < vms; vm += 1) {
      let [sum, count, lately] = [0, 0, 0]
      for (let back = 1; back <= level; back += 1) {
        const value = this.#cpus[at - back * vms + vm]!
        if (Number.isNaN(value)) continue
        sum += value
        count += 1
        if (back <= silent) lately += 1
      }
      const now = this.#cpus[at + vm]!
      const isNow = !Number.isNaN(now)
      if (isNow) heard += 1
      this.cpu[vm] = isNow ? now : 0
      this.memory[vm] = this.#memories[at + vm]! || 0
      this.lastCpu[vm] = this.#cpus[at - vms + vm]! || 0
      this.lastMemory[vm] = this.#memories[at - vms + vm]! || 0
      this.level[vm] = count > 0 ? sum / count : 0
      this.runs[vm] = isNow || lately > 0 ? 1 : 0
    }
    return heard > 0
  }

  /** Columns by time, of a block of steps and what comes before it. */
  #layOut(number: number): void {
    if (number === this.#block) return
    this.#block = number
    const vms = this.cpu.length
    const { usage, steps } = this.recorded
    const first = recentSteps + number * block - level
    const count = Math.min(block + level, recentSteps + steps - first)
    for (let vm = 0; vm < vms; vm += 1)
      for (let i = 0; i < count; i += 1) {
        this.#cpus[i * vms + vm] = usage.cpuMean[vm * this.#row + first + i]!
        this.#memories[i * vms + vm] = usage.memoryMean[vm * this.#row + first + i]!
      }
  }

  /** Bytes per second in the window that has just ended. */
  rate(of: 'diskMean' | 'networkMean', vm: number): number {
    return this.recorded.usage[of][vm * this.#row + recentSteps + this.step - 1]! || 0
  }

  /** By VM: the most that it needed at these coming hours of the day within the week before; 0: not known. */
  peaks(withinMs: number): Float64Array {
    const { recorded, now } = this
    const hour = Math.floor(now / hourMs)
    const hours = Math.floor((now + withinMs) / hourMs) - hour + 1
    if (hour === this.#hour && hours === this.#hours) return this.#peaks
    this.#hour = hour
    this.#hours = hours
    const row = hourRowOf(recorded)
    const passed = hour - Math.floor(recorded.fromAt / hourMs) + pastHours
    for (let vm = 0; vm < this.#peaks.length; vm += 1) {
      let most = 0
      for (let ahead = 0; ahead < hours; ahead += 1)
        most = Math.max(most, this.#high(vm * row, passed + ahead))
      this.#peaks[vm] = most
    }
    return this.#peaks
  }

  /** The highest but one at the same hour of the week before, as estimates have it. */
  #high(row: number, hour: number): number {
    const { cpuP95 } = this.recorded.hourly
    let [first, second, count] = [0, 0, 0]
    for (let day = 1; day <= 7; day += 1) {
      const at = hour - day * 24
      const value = at >= 0 ? cpuP95[row + at]! : Number.NaN
      if (Number.isNaN(value)) continue
      count += 1
      if (value > first) [first, second] = [value, first]
      else if (value > second) second = value
    }
    return count >= 4 ? second : first
  }
}
