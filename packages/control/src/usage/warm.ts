import { usageWidthMs } from '@drover/model'
import { rollUpMissed } from './missed'
import type { RecorderPorts } from './recorder'
import {
  fieldOf,
  hourFields,
  measures,
  pastHours,
  rawPerHour,
  recentFields,
  recentWindows,
  type Track,
} from './track'

/** Objects that are read at once: heartbeats come in between. */
const atOnce = 250

/**
 * Reads what the leaders before knew: this hour as measured, two hours by five minutes, a week by hours. What was heard
 * meanwhile stays. `begunAt`: what ended before was not rolled up by this one. `newest`: the last window that was sampled; null: it is over.
 * Rejects when the store cannot be reached.
 */
export async function warm(
  { world, store, writer }: RecorderPorts,
  now: number,
  begunAt: number,
  trackOf: (id: string) => Track,
  newest: () => number | null,
): Promise<void> {
  const all = [...world.tables.host.keys(), ...world.tables.vm.keys()]
  for (let from = 0; from < all.length; from += atOnce) {
    const ids = all.slice(from, from + atOnce)
    const read = (
      width: 'raw' | '5m' | '1h',
      windows: number,
      fields: Parameters<typeof store.series>[0]['fields'],
    ) => {
      const ms = usageWidthMs[width]
      const toAt = Math.floor(now / ms) * ms
      return store.series({ ids, width, fromAt: toAt - windows * ms, toAt, fields })
    }
    await rollUpMissed({ store, writer }, ids, begunAt)
    const hours = await read('1h', pastHours, hourFields)
    const recent = await read('5m', recentWindows, recentFields)
    const raw = await read(
      'raw',
      rawPerHour,
      measures.map((measure) => fieldOf[measure]),
    )
    const window = newest()
    if (window === null) return
    const last = (width: '5m' | '1h') =>
      Math.floor(((window + 1) * usageWidthMs.raw) / usageWidthMs[width]) - 1
    for (const [i, id] of ids.entries()) {
      const known = [hours[i]!, recent[i]!, raw[i]!]
      if (known.every(({ columns }) => Object.values(columns).every((column) => column.every(Number.isNaN))))
        continue
      const track = trackOf(id)
      for (const field of hourFields) track.hours[field].fill(last('1h'), ...windowsOf(hours[i]!, field))
      for (const field of recentFields) track.recent[field].fill(last('5m'), ...windowsOf(recent[i]!, field))
      for (const measure of measures) track.raw[measure].fill(window, ...windowsOf(raw[i]!, fieldOf[measure]))
    }
  }
}

function windowsOf(
  { fromAt, width, columns }: Awaited<ReturnType<RecorderPorts['store']['series']>>[number],
  field: (typeof recentFields | typeof hourFields)[number] | (typeof fieldOf)[keyof typeof fieldOf],
): [window: number, values: Float32Array] {
  return [fromAt / usageWidthMs[width], columns[field]!]
}
