import type { FenceAgentInfo, FenceDevice, FenceParameter, HostId } from '@drover/model'

/** A device as its form holds it: texts, and secrets that were typed just now. */
export interface DeviceDraft {
  name: string
  level: string
  agent: string
  viaHostId: HostId | null
  delay: string
  retries: string
  timeout: string
  enabled: boolean
  params: Record<string, string>
  secrets: Record<string, string>
}

/** Set by Drover for every run, or of no use to it. */
const ours = new Set([
  'action',
  'debug',
  'debug_file',
  'delay',
  'help',
  'list',
  'quiet',
  'separator',
  'verbose',
  'verbose_level',
  'version',
])

/** The parameters that somebody has to fill in or may: the required ones first. */
export function parametersOf(info: FenceAgentInfo): {
  required: FenceParameter[]
  optional: FenceParameter[]
} {
  const shown = info.parameters.filter((parameter) => !ours.has(parameter.name))
  const first = (parameter: FenceParameter) =>
    parameter.required || parameter.secret || common.has(parameter.name)
  return { required: shown.filter(first), optional: shown.filter((parameter) => !first(parameter)) }
}

/** What nearly everybody has to say, though the metadata calls it optional. */
const common = new Set(['ip', 'ipport', 'username', 'plug', 'lanplus', 'ssl_insecure'])

export function draftOf(device: FenceDevice | undefined, hostName: string): DeviceDraft {
  return {
    name: device?.name ?? `bmc-${hostName}`,
    level: String(device?.level ?? 1),
    agent: device?.agent ?? '',
    viaHostId: device?.viaHostId ?? null,
    delay: String((device?.delayMs ?? 0) / 1_000),
    retries: String(device?.retries ?? 2),
    timeout: String((device?.timeoutMs ?? 20_000) / 1_000),
    enabled: device?.enabled ?? true,
    params: { ...(device?.params ?? {}) },
    secrets: {},
  }
}

function numberProblem(text: string, min: number, max: number, whole = false): string | null {
  const value = Number(text.trim().replace(',', '.'))
  const right = text.trim() !== '' && Number.isFinite(value) && value >= min && value <= max
  return right && (!whole || Number.isInteger(value))
    ? null
    : `${whole ? 'A whole number' : 'A number'} from ${min} to ${max}.`
}

/** What is wrong with what was typed, by field; parameters by their own names. `kept`: secrets that are there already. */
export function problemsOf(
  draft: DeviceDraft,
  info: FenceAgentInfo | undefined,
  kept: ReadonlySet<string>,
): Record<string, string> {
  const problems: Record<string, string | null> = {
    name: draft.name.trim() === '' ? 'Give it a name.' : null,
    agent: draft.agent === '' ? 'Choose the program that speaks to the device.' : null,
    level: numberProblem(draft.level, 1, 9, true),
    delay: numberProblem(draft.delay, 0, 120),
    retries: numberProblem(draft.retries, 0, 10, true),
    timeout: numberProblem(draft.timeout, 1, 300),
  }
  for (const parameter of info?.parameters ?? []) {
    if (ours.has(parameter.name)) continue
    const text = (parameter.secret ? draft.secrets : draft.params)[parameter.name] ?? ''
    const there = text !== '' || (parameter.secret && kept.has(parameter.name)) || parameter.default !== null
    if (parameter.required && !there) problems[parameter.name] = 'The program needs this.'
    else if (text !== '' && (parameter.type === 'integer' || parameter.type === 'second')) {
      problems[parameter.name] = /^-?\d+$/.test(text) ? null : 'A whole number.'
    }
  }
  return Object.fromEntries(
    Object.entries(problems).filter((each): each is [string, string] => each[1] !== null),
  )
}

/** What the procedures take: parameters without the empty ones; a secret that is left out stays as it is. */
export function inputOf(draft: DeviceDraft) {
  const said = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
  const number = (text: string) => Number(text.trim().replace(',', '.'))
  return {
    name: draft.name.trim(),
    level: number(draft.level),
    agent: draft.agent,
    params: { ...said(draft.params), ...said(draft.secrets) },
    viaHostId: draft.viaHostId,
    delayMs: Math.round(number(draft.delay) * 1_000),
    retries: number(draft.retries),
    timeoutMs: Math.round(number(draft.timeout) * 1_000),
    enabled: draft.enabled,
  }
}
