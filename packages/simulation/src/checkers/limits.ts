import { type Cluster, type HostId, isActive, isOpen, type Task, type Vm } from '@drover/model'
import type { Checker, Scene } from './checker'

/** Invariant 7. */
export function limits(): Checker {
  let looked = 0
  return {
    name: 'limits hold',
    holds:
      'Migrations per host, network and datastore and restarts per host stay within the limits, and no task of ours over-commits memory.',
    always(scene) {
      const { batches } = scene.ledger
      if (batches.length === looked) return []
      looked = batches.length
      return [...slots(scene), ...memory(scene), ...starts(scene)]
    },
  }
}

function slots({ ledger }: Scene): string[] {
  const breaches: string[] = []
  const { task: tasks, cluster: clusters } = ledger.folded
  const used = new Map<string, number>()
  for (const task of tasks.values()) {
    if (task.kind !== 'vm.migrate' || !isOpen(task) || task.state === 'queued' || task.startedAt === null)
      continue
    const limit = (clusters.get(task.clusterId) as Cluster | undefined)?.migrationLimits
    if (!limit) continue
    const places = [
      ...task.hostIds.map((id) => [id, limit.perHost] as const),
      ...task.networkIds.map((id) => [id, limit.perNetwork] as const),
      ...task.datastoreIds.map((id) => [id, limit.perDatastore] as const),
    ]
    for (const [id, most] of places) {
      const now = (used.get(id) ?? 0) + 1
      used.set(id, now)
      if (now > most) breaches.push(`${id} has ${now} migrations at once; ${most} are allowed`)
    }
  }
  return breaches
}

/** Restarts that were begun on one host before the others had ended. */
function starts({ ledger }: Scene): string[] {
  const used = new Map<string, number>()
  const breaches: string[] = []
  const fresh = new Set(
    ledger.batches.at(-1)!.events.flatMap(({ body }) => (body.kind === 'task.created' ? [body.task.id] : [])),
  )
  for (const task of ledger.folded.task.values()) {
    if (task.kind !== 'vm.restart' || !isOpen(task)) continue
    const { targetId } = task.params as Task<'vm.restart'>['params']
    const now = (used.get(targetId) ?? 0) + 1
    used.set(targetId, now)
    const most = (ledger.folded.cluster.get(task.clusterId) as Cluster | undefined)?.ha.startsPerHost
    if (most && now > most && fresh.has(task.id))
      breaches.push(`${targetId} starts ${now} VMs at once; ${most} are allowed`)
  }
  return breaches
}

/** What active VMs take and open tasks are going to, on the hosts that a task was just let in for. */
function memory({ ledger }: Scene): string[] {
  const { host: hosts, vm: vms, task: tasks } = ledger.folded
  const last = ledger.batches.at(-1)!
  const fresh = last.events.flatMap((event) =>
    event.body.kind === 'task.created'
      ? [tasks.get(event.body.task.id)].filter((task) => task !== undefined)
      : [],
  )
  return fresh.flatMap((task) => {
    const hostId = claimedHost(task, vms)
    const facts = hostId && hosts.get(hostId)?.facts
    if (!facts) return []
    const claimed = new Map<string, number>()
    for (const vm of vms.values())
      if (vm.hostId === hostId && isActive(vm)) claimed.set(vm.id, vm.memoryBytes)
    for (const other of tasks.values()) {
      if (!isOpen(other) || claimedHost(other, vms) !== hostId) continue
      const bytes = memoryOf(other, vms)
      claimed.set(other.vmId ?? other.id, Math.max(bytes, claimed.get(other.vmId ?? '') ?? 0))
    }
    const sum = [...claimed.values()].reduce((total, bytes) => total + bytes, 0)
    const room = facts.memoryBytes - facts.reservedMemoryBytes
    return sum > room ? [`${task.id} brings ${hostId} to ${sum} bytes of ${room}`] : []
  })
}

/** Where a task is going to need memory that it does not have yet. */
function claimedHost(task: Task, vms: Map<string, Vm>): HostId | null {
  if (task.kind === 'vm.migrate') {
    const vm = task.vmId && vms.get(task.vmId)
    return vm && isActive(vm) ? (task as Task<'vm.migrate'>).params.targetId : null
  }
  if (task.kind === 'vm.restart') return (task as Task<'vm.restart'>).params.targetId
  if (task.kind === 'vm.start') return (task.vmId && vms.get(task.vmId)?.hostId) || null
  if (task.kind === 'vm.create') {
    return (task as Task<'vm.create'>).params.input.powerOn ? (task.hostIds[0] ?? null) : null
  }
  return null
}

function memoryOf(task: Task, vms: Map<string, Vm>): number {
  if (task.kind === 'vm.create') return (task as Task<'vm.create'>).params.input.memoryBytes
  return (task.vmId && vms.get(task.vmId)?.memoryBytes) || 0
}
