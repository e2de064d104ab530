import type { FenceAgentInfo, FenceParameter } from '@drover/model'

/** What is wrong with one parameter, and what to do about it. Never has its value where that is a secret. */
export interface ParameterFault {
  field: string
  problem: string
  remedy: string
}

const yes = /^(1|yes|on|true)$/i
const no = /^(0|no|off|false)$/i

/** Everything that is wrong with the parameters of a device, by the program's own metadata; empty when it can be run. */
export function checkParams(info: FenceAgentInfo, params: Record<string, string>): ParameterFault[] {
  const known = new Map(info.parameters.map((parameter) => [parameter.name, parameter]))
  const faults: ParameterFault[] = []
  for (const [name, value] of Object.entries(params)) {
    const parameter = known.get(name)
    const fault = parameter ? checkValue(parameter, value) : unknownName(info, name)
    if (fault) faults.push({ field: name, ...fault })
  }
  for (const { name, required, default: byDefault } of info.parameters) {
    if (!required || byDefault !== null || params[name]?.trim()) continue
    faults.push({ field: name, problem: `${info.agent} needs ${name}.`, remedy: `Enter ${name}.` })
  }
  return faults
}

type Fault = Omit<ParameterFault, 'field'>

function unknownName(info: FenceAgentInfo, name: string): Fault {
  const near = info.parameters.filter((p) => p.name.includes(name) || name.includes(p.name))
  const remedy =
    near.length > 0
      ? `Remove it, or did you mean ${near.map((p) => p.name).join(' or ')}?`
      : 'Remove it, or see which ones it has.'
  return { problem: `${info.agent} has no parameter ${name}.`, remedy }
}

function checkValue({ name, type, options, secret }: FenceParameter, value: string): Fault | null {
  const shown = secret ? 'what was entered' : `"${value}"`
  const wrong = (must: string, remedy: string): Fault => ({
    problem: `${name} must be ${must}, not ${shown}.`,
    remedy,
  })
  if (/[\n\r\0]/.test(value)) {
    return { problem: `${name} has more than one line.`, remedy: `Enter ${name} on one line.` }
  }
  if (value === '') return null
  switch (type) {
    case 'boolean':
      return yes.test(value) || no.test(value) ? null : wrong('on or off', 'Enter 1 or 0.')
    case 'integer':
      return /^-?\d+$/.test(value) ? null : wrong('a whole number', 'Enter digits only.')
    case 'second':
      return /^\d+(\.\d+)?s?$/.test(value) ? null : wrong('a number of seconds', 'Enter digits only.')
    case 'select': {
      const list = options.join(', ')
      return options.length === 0 || options.includes(value)
        ? null
        : wrong(`one of ${list}`, `Choose one of ${list}.`)
    }
    case 'string':
      return null
  }
}
