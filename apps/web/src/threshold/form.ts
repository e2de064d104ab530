import type { ClusterId, LoadMetric, ThresholdInput, ThresholdRule } from '@drover/model'
import {
  count,
  gibibytes,
  megabytesPerSecond,
  minutes,
  type NumberSpec,
  numberProblem,
  numberText,
  numberValue,
  percent,
} from '../ui/number'

const share: NumberSpec = { ...percent, min: 1 }
const rate: NumberSpec = { ...megabytesPerSecond, min: 0.1 }

/** The unit that a metric is given in. */
export function specOf(metric: LoadMetric): NumberSpec {
  return metric === 'disk' || metric === 'network' ? rate : share
}

export const specs = {
  for: { ...minutes, min: 0, max: 1_440 },
  cooldown: { ...minutes, max: 10_080 },
  moves: { ...count('moves/h', 1, 10_000), optional: true },
  bytes: { ...gibibytes, unit: 'GiB/h', min: 1, optional: true },
  gain: percent,
} satisfies Record<string, NumberSpec>

/** The form as it is typed: numbers as texts, so that half of one can stand there. */
export interface Texts {
  name: string
  metric: LoadMetric
  above: string
  forMinutes: string
  until: string
  cooldown: string
  moves: string
  bytes: string
  gain: string
  automation: ThresholdRule['automation']
  enabled: boolean
  tags: string[]
  hostIds: ThresholdRule['hostIds']
  windows: ThresholdRule['windows']
}

const fresh: Omit<ThresholdInput, 'clusterId'> = {
  name: '',
  metric: 'cpu',
  above: 0.85,
  forMs: 300_000,
  until: 0.7,
  tags: [],
  hostIds: [],
  windows: [],
  cooldownMs: 900_000,
  budget: { movesPerHour: 30, bytesPerHour: null },
  minGain: 0.05,
  automation: 'cluster',
  enabled: true,
}

/** The form of a rule, or of one to be made. */
export function textsOf(rule: Omit<ThresholdInput, 'clusterId'> = fresh): Texts {
  return {
    name: rule.name,
    metric: rule.metric,
    above: numberText(specOf(rule.metric), rule.above),
    forMinutes: numberText(specs.for, rule.forMs),
    until: numberText(specOf(rule.metric), rule.until),
    cooldown: numberText(specs.cooldown, rule.cooldownMs),
    moves: numberText(specs.moves, rule.budget.movesPerHour),
    bytes: numberText(specs.bytes, rule.budget.bytesPerHour),
    gain: numberText(specs.gain, rule.minGain),
    automation: rule.automation,
    enabled: rule.enabled,
    tags: rule.tags,
    hostIds: rule.hostIds,
    windows: rule.windows,
  }
}

/** Levels that mean something in the unit of another metric, when the metric is changed. */
export function withMetric(texts: Texts, metric: LoadMetric): Texts {
  if (specOf(metric) === specOf(texts.metric)) return { ...texts, metric }
  const rates = specOf(metric) === rate
  return { ...texts, metric, above: rates ? '800' : '85', until: rates ? '600' : '70' }
}

/** What is wrong with one beside another, or null. */
export function untilProblem(texts: Texts): string | null {
  const spec = specOf(texts.metric)
  if (numberProblem(spec, texts.above) || numberProblem(spec, texts.until)) return null
  return numberValue(spec, texts.until)! < numberValue(spec, texts.above)!
    ? null
    : 'Has to be less than the level above.'
}

/** The rule as typed; null while something cannot be read. */
export function inputOf(clusterId: ClusterId, texts: Texts): ThresholdInput | null {
  const spec = specOf(texts.metric)
  const wrong =
    numberProblem(spec, texts.above) ??
    numberProblem(spec, texts.until) ??
    numberProblem(specs.for, texts.forMinutes) ??
    numberProblem(specs.cooldown, texts.cooldown) ??
    numberProblem(specs.moves, texts.moves) ??
    numberProblem(specs.bytes, texts.bytes) ??
    numberProblem(specs.gain, texts.gain)
  if (wrong !== null) return null
  return {
    clusterId,
    name: texts.name.trim(),
    metric: texts.metric,
    above: numberValue(spec, texts.above)!,
    forMs: numberValue(specs.for, texts.forMinutes)!,
    until: numberValue(spec, texts.until)!,
    tags: texts.tags,
    hostIds: texts.hostIds,
    windows: texts.windows,
    cooldownMs: numberValue(specs.cooldown, texts.cooldown)!,
    budget: {
      movesPerHour: numberValue(specs.moves, texts.moves),
      bytesPerHour: numberValue(specs.bytes, texts.bytes),
    },
    minGain: numberValue(specs.gain, texts.gain)!,
    automation: texts.automation,
    enabled: texts.enabled,
  }
}
