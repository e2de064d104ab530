import { type BalanceSettings, balanceLevels, levelOf } from '@drover/model'
import {
  count,
  gibibytes,
  minutes,
  type NumberSpec,
  numberProblem,
  numberText,
  numberValue,
  percent,
} from '../../ui/number'

interface NumberSetting {
  id: string
  label: string
  hint: string
  spec: NumberSpec
  /** Among the figures that a level stands for. */
  levelled: boolean
  read: (settings: BalanceSettings) => number | null
  write: (settings: BalanceSettings, value: number | null) => BalanceSettings
}

type Key = {
  [K in keyof BalanceSettings]: BalanceSettings[K] extends number ? K : never
}[keyof BalanceSettings]

function plain(key: Key, label: string, spec: NumberSpec, hint: string): NumberSetting {
  return {
    id: key,
    label,
    hint,
    spec,
    levelled: key in balanceLevels[3].figures,
    read: (settings) => settings[key],
    write: (settings, value) => ({ ...settings, [key]: value! }),
  }
}

/** Every number of the balance, in the order in which they matter. */
export const numberSettings: readonly NumberSetting[] = [
  plain('limit', 'Overloaded above', { ...percent, min: 10 }, 'Of CPU or memory of a host.'),
  plain('spread', 'Even enough at', percent, 'Standard deviation of the hosts’ utilisation.'),
  plain(
    'holdMs',
    'After',
    { ...minutes, min: 0.2, max: 1_440 },
    'Uneven for this long before anything moves.',
  ),
  plain('minGain', 'A move betters the score by', percent, 'At least; lesser ones are not made.'),
  plain('minShare', 'and by this share of it', percent, 'At least.'),
  plain('worthwhile', 'A plan is worth it from', percent, 'Unless it takes an overload away.'),
  plain(
    'cooldownMs',
    'A moved VM rests for',
    { ...minutes, max: 10_080 },
    'Also one that could not be moved.',
  ),
  plain('movesAtOnce', 'Moves at once', count('moves', 1, 64), 'The next are worked out afresh after them.'),
  {
    id: 'cpuWeight',
    label: 'CPU counts',
    hint: 'Beside memory; 0: not at all.',
    spec: { unit: '', per: 1, min: 0, max: 100 },
    levelled: false,
    read: (settings) => settings.weights.cpu,
    write: (settings, value) => ({ ...settings, weights: { ...settings.weights, cpu: value! } }),
  },
  {
    id: 'memoryWeight',
    label: 'Memory counts',
    hint: 'Beside CPU; 0: not at all.',
    spec: { unit: '', per: 1, min: 0, max: 100 },
    levelled: false,
    read: (settings) => settings.weights.memory,
    write: (settings, value) => ({ ...settings, weights: { ...settings.weights, memory: value! } }),
  },
]

/** What may be moved by itself within an hour. */
export const budgetSettings: readonly NumberSetting[] = [
  {
    id: 'movesPerHour',
    label: 'Moves an hour',
    hint: 'Made by balance; empty: no limit.',
    spec: { ...count('moves/h', 1), optional: true },
    levelled: false,
    read: (settings) => settings.budget.movesPerHour,
    write: (settings, value) => ({ ...settings, budget: { ...settings.budget, movesPerHour: value } }),
  },
  {
    id: 'bytesPerHour',
    label: 'Memory carried an hour',
    hint: 'Empty: no limit.',
    spec: { ...gibibytes, unit: 'GiB/h', min: 1, optional: true },
    levelled: false,
    read: (settings) => settings.budget.bytesPerHour,
    write: (settings, value) => ({ ...settings, budget: { ...settings.budget, bytesPerHour: value } }),
  },
]

const all = [...numberSettings, ...budgetSettings]

export function textOf(setting: NumberSetting, settings: BalanceSettings): string {
  return numberText(setting.spec, setting.read(settings))
}

/** The settings with what was typed; null while something cannot be read. */
export function settingsOf(
  base: BalanceSettings,
  typed: Readonly<Record<string, string>>,
): BalanceSettings | null {
  let next = base
  for (const setting of all) {
    const text = typed[setting.id]
    if (text === undefined) continue
    if (numberProblem(setting.spec, text) !== null) return null
    if (text === textOf(setting, base)) continue
    next = setting.write(next, numberValue(setting.spec, text))
  }
  return next === base ? base : { ...next, level: levelOf(next) }
}

/** The settings that differ, as `cluster.changeBalance` takes them; what Drover keeps there is left alone. */
export function changesOf(before: BalanceSettings, after: BalanceSettings): Partial<BalanceSettings> {
  const keys = (Object.keys(after) as (keyof BalanceSettings)[]).filter(
    (key) => key !== 'version' && key !== 'unevenSince',
  )
  return Object.fromEntries(
    keys
      .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
      .map((key) => [key, after[key]]),
  )
}
