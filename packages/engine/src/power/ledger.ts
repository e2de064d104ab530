import { type EnergyLedger, type Host, type UsageSeries, usageWidthMs } from '@drover/model'

const hour = 3_600_000

/**
 * What hosts drew and what their sleep saved, from what was recorded (`wattsMean`, `savedWattsMean`). Series may be of
 * different widths, and must not overlap. Watts are those of the hosts' power models: no board's own reading is kept.
 */
export function energyLedger(
  series: readonly UsageSeries[],
  span: { fromAt: number; toAt: number },
  /** What each host saves while it sleeps, in watts. */
  savesAsleep: ReadonlyMap<Host['id'], number>,
): EnergyLedger {
  const days = new Map<string, EnergyLedger['days'][number]>()
  const ledger: EnergyLedger = { ...span, usedWh: 0, savedWh: 0, by: 'model', days: [] }
  for (const { id, width, fromAt, length, columns } of series) {
    const hours = usageWidthMs[width] / hour
    const saves = savesAsleep.get(id as Host['id']) ?? 0
    for (let i = 0; i < length; i += 1) {
      const at = fromAt + i * usageWidthMs[width]
      const watts = columns.wattsMean?.[i] ?? Number.NaN
      if (Number.isNaN(watts) || at < span.fromAt || at >= span.toAt) continue
      const saved = columns.savedWattsMean?.[i] ?? Number.NaN
      const savedWh = Number.isNaN(saved) ? 0 : saved * hours
      const key = new Date(at).toISOString().slice(0, 10)
      const day = days.get(key) ?? { day: key, usedWh: 0, savedWh: 0, asleepHostHours: 0 }
      day.usedWh += watts * hours
      day.savedWh += savedWh
      if (saves > 0) day.asleepHostHours += savedWh / saves
      days.set(key, day)
    }
  }
  ledger.days = [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1))
  for (const day of ledger.days) {
    ledger.usedWh += day.usedWh
    ledger.savedWh += day.savedWh
  }
  return ledger
}
