/**
 * The setting of Beloglazov and Buyya (2012): a day of PlanetLab on 800 hosts of two kinds. These tables are the benchmark's
 * own data; nothing in the planner knows them.
 */
export const stepMs = 300_000
export const hostCount = 800

const kinds = [
  { mips: 2 * 1860, coreMips: 1860, curve: [86, 89.4, 92.6, 96, 99.5, 102, 106, 108, 112, 114, 117] },
  { mips: 2 * 2660, coreMips: 2660, curve: [93.7, 97, 101, 105, 110, 116, 121, 125, 129, 133, 135] },
] as const
const hostRamMb = 4096
const vmKinds = [
  { mips: 2500, ramMb: 870 },
  { mips: 2000, ramMb: 1740 },
  { mips: 1000, ramMb: 1740 },
  { mips: 500, ramMb: 613 },
] as const

export interface TraceVm {
  name: string
  /** By step: the share of its `mips` that it asks for. */
  use: Float64Array
  mips: number
  ramMb: number
}

/** How long a VM is on its way: its memory over a link of 62.5 MB a second. */
export const moveMs = ({ ramMb }: TraceVm) => (ramMb / 62.5) * 1000

export const hostKind = (host: number) => kinds[host % kinds.length]!

/** A sample above this is no percentage, whatever a VM asks for. */
const mostPercent = 1_000

/**
 * Reads a day: a line for each VM, `name,s0,s1,…` in percent. Throws with the line and the field that are wrong. `source`: of the
 * text, for errors.
 */
export function readTrace(text: string, source: string): TraceVm[] {
  const lines = text.trimEnd().split('\n')
  const width = lines[0]!.trim().split(',').length - 1
  const quarter = Math.ceil(lines.length / vmKinds.length)
  return lines.map((line, i) => {
    const where = `${source}, line ${i + 1}`
    const [name = '', ...samples] = line.trim().split(',')
    if (name === '' || samples.length < 2)
      throw new Error(`${where} is no VM with its samples. Write a name, then its percents, commas between.`)
    if (samples.length !== width)
      throw new Error(
        `${where} has ${samples.length} samples, and the first line has ${width}. Give every VM as many.`,
      )
    const use = Float64Array.from(samples, (sample, k) => {
      const percent = sample.trim() === '' ? Number.NaN : Number(sample)
      if (!(percent >= 0 && percent <= mostPercent))
        throw new Error(
          `${where}: sample ${k} of ${name} is “${sample.slice(0, 20)}”. Write a percentage from 0 to ${mostPercent}.`,
        )
      return percent / 100
    })
    return { name, use, ...vmKinds[Math.floor(i / quarter)]! }
  })
}

/** The benchmark's start: VMs in order, each by its full size onto the host whose power rises least. */
export function initialPlacement(vms: readonly TraceVm[]): Int32Array {
  const mips = new Float64Array(hostCount)
  const ram = new Float64Array(hostCount)
  return Int32Array.from(vms, (vm) => {
    let best = -1
    let least = Number.POSITIVE_INFINITY
    for (let host = 0; host < hostCount; host += 1) {
      const kind = hostKind(host)
      const after = mips[host]! + vm.mips
      if (after > kind.mips || vm.mips > kind.coreMips || ram[host]! + vm.ramMb > hostRamMb) continue
      const rise = curveAt(kind.curve, after / kind.mips) - curveAt(kind.curve, mips[host]! / kind.mips)
      if (rise < least) [best, least] = [host, rise]
    }
    if (best < 0)
      throw new Error(`${vm.name} has no place at the start: 800 hosts are too few for this trace.`)
    mips[best]! += vm.mips
    ram[best]! += vm.ramMb
    return best
  })
}

/** As the judge reads its tables, to the last bit: ties of the start hang on it. */
function curveAt(curve: readonly number[], utilisation: number): number {
  const at = Math.min(1, Math.max(0, utilisation)) * 10
  const low = Math.floor(at)
  return at === low ? curve[low]! : curve[low]! + (curve[low + 1]! - curve[low]!) * (at - low)
}
