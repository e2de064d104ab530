/** How a VM stands, as the operator is told. */
export type Status = 'waiting' | 'error' | 'stopped' | 'running'

type Happening =
  | { ev: 'step'; step: number }
  | { ev: 'vm_start' | 'vm_started' | 'vm_start_failed'; vm: string; host: string }
  | { ev: 'vm_stopped' | 'vm_stop_failed' | 'vm_died'; vm: string; host: string }
  | { ev: 'vm_migrated'; vm: string; host: string; to: string }
  | { ev: 'vm_migrate_failed' | 'vm_registered'; vm: string; host: string }
  | { ev: 'host_down'; host: string; why: string }
  | { ev: 'host_up' | 'host_isolated' | 'host_healed' | 'host_fenced'; host: string }
  | { ev: 'host_maintenance'; host: string; on: boolean }
  | { ev: 'reported'; vm: string; status: Status }

/** All that can stand in a trace as `ev`. */
export const traceEvents: ReadonlySet<string> = new Set<Happening['ev']>([
  'step',
  'vm_start',
  'vm_started',
  'vm_start_failed',
  'vm_stopped',
  'vm_stop_failed',
  'vm_died',
  'vm_migrated',
  'vm_migrate_failed',
  'vm_registered',
  'host_down',
  'host_up',
  'host_isolated',
  'host_healed',
  'host_fenced',
  'host_maintenance',
  'reported',
])

/** Something that happened, `t` seconds after the scenario began. `external`: not the engine's doing. */
export type TraceEvent = Happening & { t: number; external?: true }

export interface Trace {
  format: 'vmha-trace/1'
  scenario: string
  events: TraceEvent[]
}

/** Writes down what happens, in the order in which it does. */
export class Recorder {
  readonly events: TraceEvent[] = []

  constructor(private readonly seconds: () => number) {}

  add(happening: Happening, external = false): void {
    this.events.push({ t: this.seconds(), ...happening, ...(external ? { external: true as const } : {}) })
  }
}
