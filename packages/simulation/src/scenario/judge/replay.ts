import type { Op } from '../format/op'
import type { Scenario } from '../format/scenario'
import type { TraceEvent } from '../trace/trace'

export interface Amount {
  cpu: number
  mem_mib: number
}

/** What a trace says is so at one moment. */
export interface State {
  /** By host. */
  on: Map<string, boolean>
  linked: Map<string, boolean>
  maintenance: Map<string, boolean>
  /** Known to be off: not to be restarted from before that. */
  fenced: Map<string, boolean>
  /** By VM: the hosts that have its process. */
  places: Map<string, Set<string>>
  home: Map<string, string>
  desired: Map<string, string>
  status: Map<string, string | null>
  size: Map<string, Amount>
  load: Map<string, Amount>
}

export function firstState({ cluster, inject }: Scenario): State {
  const state: State = {
    on: new Map(),
    linked: new Map(),
    maintenance: new Map(),
    fenced: new Map(),
    places: new Map(),
    home: new Map(),
    desired: new Map(),
    status: new Map(),
    size: new Map(),
    load: new Map(),
  }
  for (const { id, power, net } of cluster.hosts) {
    state.on.set(id, power === 'on')
    state.linked.set(id, net === 'up')
    state.maintenance.set(id, inject?.hosts[id]?.status === 'maintenance')
    state.fenced.set(id, true)
  }
  for (const vm of cluster.vms) addVm(state, vm.id, vm, vm.power === 'on')
  return state
}

function addVm(
  state: State,
  id: string,
  vm: { host: string; desired: string; cpu: number; mem_mib: number; load?: Amount },
  running: boolean,
): void {
  const size = { cpu: vm.cpu, mem_mib: vm.mem_mib }
  state.places.set(id, new Set(running ? [vm.host] : []))
  state.home.set(id, vm.host)
  state.desired.set(id, vm.desired)
  state.status.set(id, null)
  state.size.set(id, size)
  state.load.set(id, { ...(vm.load ?? size) })
}

/** What an operation of the timeline changes by itself, whatever the engine makes of it. */
export function applyOp(state: State, op: Op): void {
  switch (op.op) {
    case 'vm.register':
      // Its process, if it has one, shows as an event of its own.
      addVm(state, op.vm, op, false)
      return
    case 'vm.set_desired':
      state.desired.set(op.vm, op.desired)
      return
    case 'vm.stop':
      state.desired.set(op.vm, 'stopped')
      return
    case 'vm.unregister':
      state.desired.set(op.vm, 'unmanaged')
      return
    case 'vm.resize':
      amend(state.size, op)
      return
    case 'vm.load':
      amend(state.load, op)
      return
    case 'host.crash':
    case 'agent.crash':
      state.fenced.set(op.host, false)
      return
    case 'host.confirm_off':
      state.fenced.set(op.host, true)
  }
}

function amend(of: Map<string, Amount>, op: { vm: string; cpu?: number; mem_mib?: number }): void {
  const before = of.get(op.vm) ?? { cpu: 0, mem_mib: 0 }
  of.set(op.vm, { cpu: op.cpu ?? before.cpu, mem_mib: op.mem_mib ?? before.mem_mib })
}

/** What an event makes different. */
export function applyEvent(state: State, event: TraceEvent): void {
  switch (event.ev) {
    case 'vm_started':
      state.places.get(event.vm)?.add(event.host)
      state.home.set(event.vm, event.host)
      return
    case 'vm_stopped':
    case 'vm_died':
      state.places.get(event.vm)?.delete(event.host)
      return
    case 'vm_migrated':
      state.places.get(event.vm)?.delete(event.host)
      state.places.get(event.vm)?.add(event.to)
      state.home.set(event.vm, event.to)
      return
    case 'vm_registered':
      state.home.set(event.vm, event.host)
      return
    case 'host_down':
      state.on.set(event.host, false)
      for (const place of state.places.values()) place.delete(event.host)
      if (event.why === 'shutdown') state.fenced.set(event.host, true)
      return
    case 'host_up':
      state.on.set(event.host, true)
      state.linked.set(event.host, true)
      return
    case 'host_isolated':
      state.linked.set(event.host, false)
      state.fenced.set(event.host, false)
      return
    case 'host_healed':
      state.linked.set(event.host, true)
      return
    case 'host_fenced':
      state.fenced.set(event.host, true)
      return
    case 'host_maintenance':
      state.maintenance.set(event.host, event.on)
      return
    case 'reported':
      state.status.set(event.vm, event.status)
  }
}

/** The same again, for keeping. */
export function copyOf(state: State): State {
  return structuredClone(state)
}

/** Hosts that could take a VM. */
export function available(state: State): string[] {
  return [...state.on.keys()].filter(
    (host) => state.on.get(host) && state.linked.get(host) && !state.maintenance.get(host),
  )
}

/** The host that runs a VM; the first by name when, wrongly, several do. */
export function placeOf(state: State, vm: string): string | null {
  return [...(state.places.get(vm) ?? [])].sort()[0] ?? null
}

export function vmsAt(state: State, host: string): string[] {
  return [...state.places].filter(([, places]) => places.has(host)).map(([vm]) => vm)
}
