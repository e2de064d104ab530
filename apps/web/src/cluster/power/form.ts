import type { PowerSettings } from '@drover/model'
import {
  count,
  minutes,
  type NumberSpec,
  numberProblem,
  numberText,
  numberValue,
  percent,
  watts,
} from '../../ui/number'

export interface PowerNumber {
  id: string
  label: string
  hint: string
  spec: NumberSpec
  read: (settings: PowerSettings) => number
  write: (settings: PowerSettings, value: number) => PowerSettings
}

type Key = { [K in keyof PowerSettings]: PowerSettings[K] extends number ? K : never }[keyof PowerSettings]

const plain = (key: Key, label: string, spec: NumberSpec, hint: string): PowerNumber => ({
  id: key,
  label,
  hint,
  spec,
  read: (settings) => settings[key],
  write: (settings, value) => ({ ...settings, [key]: value }),
})

const model = (key: keyof PowerSettings['model'], label: string, hint: string): PowerNumber => ({
  id: `model ${key}`,
  label,
  hint,
  spec: watts,
  read: (settings) => settings.model[key],
  write: (settings, value) => ({ ...settings, model: { ...settings.model, [key]: value } }),
})

export const modeWords: Record<PowerSettings['mode'], { label: string; means: string }> = {
  off: { label: 'off', means: 'Nobody sleeps by a rule; hosts that one put to sleep are woken.' },
  manual: { label: 'manual', means: 'Sleep is recommended and a person applies it; waking needs nobody.' },
  full: { label: 'full', means: 'Hosts that nobody needs are emptied and switched off, and woken in time.' },
}

/** Every number of power saving, in groups. */
export const powerSections: readonly { title: string; fields: readonly PowerNumber[] }[] = [
  {
    title: 'What stays on',
    fields: [
      plain('minAwake', 'Awake at least', count('hosts', 1, 2_500), 'Whatever the load.'),
      plain('reserve', 'Reserve', percent, 'Kept free beside the failover capacity, of what is needed.'),
      plain('fillTo', 'Fill hosts to', { ...percent, min: 10 }, 'Those that stay awake, CPU and memory.'),
      plain(
        'wakeAbove',
        'Wake above',
        { ...percent, min: 10 },
        'As soon as those awake need more than this.',
      ),
    ],
  },
  {
    title: 'When',
    fields: [
      plain('holdMs', 'Sleep after', { ...minutes, max: 1_440 }, 'Not needed for this long.'),
      plain(
        'dwellMs',
        'Stay so for',
        { ...minutes, max: 1_440 },
        'Awake or asleep, at least; being needed wakes at once.',
      ),
      plain('wakeAheadMs', 'Wake ahead by', { ...minutes, max: 1_440 }, 'Before the daily rise.'),
    ],
  },
  {
    title: 'What a host draws, unless it says',
    fields: [
      model('idleWatts', 'Idle', 'Running, with nothing to do.'),
      model('maxWatts', 'Under full load', 'Between the two in proportion to its CPU.'),
      model('asleepWatts', 'Asleep', 'Its board goes on listening.'),
    ],
  },
]

const all = powerSections.flatMap(({ fields }) => fields)

export const textOf = (field: PowerNumber, settings: PowerSettings): string =>
  numberText(field.spec, field.read(settings))

/** The settings with what was typed; null while something cannot be read. */
export function settingsOf(
  base: PowerSettings,
  typed: Readonly<Record<string, string>>,
): PowerSettings | null {
  let next = base
  for (const field of all) {
    const text = typed[field.id]
    if (text === undefined || text === textOf(field, base)) continue
    if (numberProblem(field.spec, text) !== null) return null
    next = field.write(next, numberValue(field.spec, text)!)
  }
  return next
}

/** What is wrong with settings that are right one by one. */
export function conflictOf({
  fillTo,
  wakeAbove,
  model: { idleWatts, maxWatts, asleepWatts },
}: PowerSettings): string | null {
  if (wakeAbove <= fillTo)
    return 'Wake above has to be more than fill hosts to; else each sleep wakes somebody.'
  if (maxWatts < idleWatts) return 'A host draws no less under full load than idle.'
  if (asleepWatts > idleWatts) return 'A host draws no more asleep than idle.'
  return null
}

/** The settings that differ, as `cluster.changePower` takes them; what Drover keeps there is left alone. */
export function changesOf(before: PowerSettings, after: PowerSettings): Partial<PowerSettings> {
  const keys = (Object.keys(after) as (keyof PowerSettings)[]).filter(
    (key) => key !== 'version' && key !== 'lowSince',
  )
  return Object.fromEntries(
    keys
      .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
      .map((key) => [key, after[key]]),
  )
}
