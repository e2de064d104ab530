import type { Finding, Incident, IncidentVm } from '@drover/model'
import type { Shown } from '../vm/state'

export const incidentStates: Record<Incident['state'], Shown> = {
  open: { tone: 'warning', word: 'open' },
  closed: { tone: 'ok', word: 'closed' },
}

export const incidentKinds: Record<Incident['kind'], string> = {
  host: 'a host was lost',
  vm: 'a VM crashed',
  storm: 'many hosts silent at once',
  datastore: 'a datastore was lost',
}

export const incidentVmStates: Record<IncidentVm['state'], Shown> = {
  waiting: { tone: 'warning', word: 'waits' },
  starting: { tone: 'working', word: 'starting' },
  running: { tone: 'ok', word: 'running' },
  error: { tone: 'error', word: 'not restarted' },
  left: { tone: 'off', word: 'left alone' },
  stopped: { tone: 'off', word: 'stopped' },
}

/** What the four sides together mean, in words. */
export const findings: Record<Finding, string> = {
  alive: 'it lives',
  unwatched: 'its agent was stopped, its VMs run',
  isolated: 'it is cut off, but its VMs run',
  hung: 'it hangs, or is cut off from everything',
  off: 'it is off',
  unproven: 'nothing proves that it is off',
}

export const evidenceSides = {
  agent: 'Its agent',
  storage: 'Datastores',
  power: 'Power',
  peers: 'Other hosts',
} as const

export const evidenceSays: Record<'alive' | 'dead' | 'unknown', Shown> = {
  alive: { tone: 'ok', word: 'alive' },
  dead: { tone: 'error', word: 'dead' },
  unknown: { tone: 'off', word: 'cannot say' },
}
