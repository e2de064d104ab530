import { usageWidthMs } from '@drover/model'
import {
  emptyRecorded,
  hourMs,
  hourRowOf,
  pastHours,
  type Recorded,
  recentSteps,
  rowOf,
  stepMs,
} from '@drover/planner/backtest'
import type { UsageStore } from '@drover/store'
import type { BacktestQuestion } from './port'

/** VMs that are read at once. */
const atOnce = 50
/** What is read of each five minutes; the pressure is folded into the CPU. */
const fields = ['cpuMean', 'cpuP95', 'memoryMean', 'diskMean', 'networkMean'] as const

/**
 * What was recorded of the cluster's VMs: five minutes each, with a little before, and a week of hours before that. What they
 * wanted and did not get counts as wanted. `progress` says whether to go on.
 */
export async function readRecorded(
  store: UsageStore,
  { picture, rules, fromAt, toAt, places }: BacktestQuestion,
  progress: (share: number) => void,
  shared = false,
): Promise<Recorded> {
  const recorded = emptyRecorded(picture, fromAt, toAt, shared)
  recorded.places.set(places)
  const rates = [rules.present, rules.proposed].some(({ thresholds }) =>
    thresholds.some(({ metric }) => metric === 'disk' || metric === 'network'),
  )
  const asked = rates ? fields : fields.slice(0, 3)
  const [row, hourRow] = [rowOf(recorded), hourRowOf(recorded)]
  const firstHour = Math.floor(recorded.fromAt / hourMs) - pastHours
  for (let from = 0; from < picture.vms.length; from += atOnce) {
    const vms = picture.vms.slice(from, from + atOnce)
    const ids = vms.map(({ id }) => id as string)
    const [usage, hourly] = await Promise.all([
      store.series({
        ids,
        width: '5m',
        fromAt: recorded.fromAt - recentSteps * stepMs,
        toAt: recorded.fromAt + recorded.steps * stepMs,
        fields: [...asked, 'pressureMean'],
      }),
      store.series({
        ids,
        width: '1h',
        fromAt: firstHour * hourMs,
        toAt: (firstHour + hourRow) * usageWidthMs['1h'],
        fields: ['cpuMean', 'cpuP95'],
      }),
    ])
    for (const [i, { vcpus }] of vms.entries()) {
      const columns = usage[i]!.columns
      for (const field of asked) recorded.usage[field].set(columns[field]!, (from + i) * row)
      for (const field of ['cpuMean', 'cpuP95'] as const) {
        want(recorded.usage[field], (from + i) * row, columns.pressureMean!, vcpus)
        recorded.hourly[field].set(hourly[i]!.columns[field]!, (from + i) * hourRow)
      }
    }
    progress((from + vms.length) / picture.vms.length)
  }
  return recorded
}

/** CPU that was wanted and not had counts as wanted, up to what a VM has. */
function want(cpu: Float32Array, from: number, pressure: Float32Array, vcpus: number): void {
  for (let i = 0; i < pressure.length; i += 1) {
    const missed = pressure[i]! * vcpus
    if (missed > 0) cpu[from + i] = Math.min(Math.max(vcpus, cpu[from + i]!), cpu[from + i]! + missed)
  }
}
