import { type Cluster, type Host, isActive, isOpen, type Task, type Vm } from '@drover/model'
import { type Checker, everySoOften, news, type Scene } from './checker'

/** Whoever is needed has been woken once nothing at all has happened for so long. */
const quietMs = 60_000

/** Sleep costs nobody anything. */
export function awake(): Checker {
  const fresh = news()
  const due = everySoOften(2_000)
  return {
    name: 'nobody sleeps who is needed',
    holds:
      'Only hosts that were seen to wake up are put to sleep, empty, and while nothing goes on, the configured failures are survived and every VM has its place without those that sleep.',
    always(scene) {
      const breaches: string[] = []
      for (const { body } of fresh(scene)) {
        if (body.kind !== 'task.created' || body.what !== 'host.sleep') continue
        const { params } = scene.ledger.task(body.task.id) as Task<'host.sleep'>
        const host = body.host && scene.ledger.folded.host.get(body.host.id)
        if (host && !host.wake && !params.test)
          breaches.push(`${host.name} is put to sleep, and nobody has ever seen it wake up`)
      }
      if (due(scene) && isQuiet(scene)) breaches.push(...needed(scene))
      return breaches
    },
    atRest: needed,
  }
}

function isQuiet({ ledger, now, leader }: Scene): boolean {
  const last = ledger.events.at(-1)
  if (!last || now() - last.at < quietMs || !leader()) return false
  const { task: tasks, incident: incidents, host: hosts } = ledger.folded
  return (
    ![...tasks.values()].some(isOpen) &&
    ![...incidents.values()].some(({ closedAt }) => closedAt === null) &&
    [...hosts.values()].every((host) => host.state === 'connected' || sleeps(host))
  )
}

function sleeps({ mode, state }: Host): boolean {
  return mode === 'standby' && state === 'fenced'
}

function needed({ ledger, truth }: Scene): string[] {
  const { host, vm, cluster } = ledger.folded
  return [...cluster.values()].flatMap((one) => {
    const hosts = [...host.values()].filter(({ clusterId }) => clusterId === one.id)
    // Who was put to sleep by hand is the business of who did; who does not wake up is of no use.
    const asleep = hosts.filter((row) => sleeps(row) && !row.standby?.byHand && row.wake)
    if (asleep.length === 0 || one.ha.mode !== 'armed') return []
    const vms = [...vm.values()].filter(({ clusterId }) => clusterId === one.id)
    const up = hosts.filter(takesVms)
    const breaches = waiting(asleep, up, vms)
    const names = asleep.map(({ name }) => name).join(', ')
    for (const row of asleep)
      if (truth.hosts.get(row.name)?.on === false && vms.some((v) => v.hostId === row.id && isActive(v)))
        breaches.push(`${row.name} sleeps with VMs on it`)
    for (const { enabled, viaHostId, hostId, name } of ledger.folded.fence.values()) {
      const sleeper = enabled && viaHostId !== hostId ? asleep.find(({ id }) => id === viaHostId) : undefined
      if (sleeper) breaches.push(`${sleeper.name} sleeps, and only it can run ${name}`)
    }
    if (one.ha.admission.action === 'off') return breaches
    const all = [...up, ...asleep]
    if (!survives(one, up, vms, hosts) && survives(one, all, vms, hosts))
      breaches.push(`${names} sleep, and without them ${sayPolicy(one)} would not be survived`)
    return breaches
  })
}

function takesVms({ state, mode, quarantinedUntil }: Host): boolean {
  return state === 'connected' && mode === 'normal' && quarantinedUntil === null
}

/** VMs that should run, have no room, and would have with somebody awake. */
function waiting(asleep: Host[], up: Host[], vms: Vm[]): string[] {
  return vms
    .filter((vm) => vm.recovery?.state === 'waiting' && vm.desired === 'running' && !isActive(vm))
    .flatMap((vm) => {
      const fits = (host: Host) => freeOn(host, vms) >= vm.memoryBytes && sees(host, vm)
      if (up.some(fits) || !asleep.some(fits)) return []
      return [`${vm.name} waits for room, and ${asleep.find(fits)!.name} sleeps`]
    })
}

function sees(host: Host, { disks }: Vm): boolean {
  return disks.every(({ datastoreId }) => host.datastores.some((mount) => mount.datastoreId === datastoreId))
}

function roomOn({ facts }: Host): number {
  return facts ? facts.memoryBytes - facts.reservedMemoryBytes : 0
}

function freeOn(host: Host, vms: Vm[]): number {
  const used = vms.filter((vm) => vm.hostId === host.id && isActive(vm))
  return roomOn(host) - used.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0)
}

/** By memory alone: rules and CPUs can only make it harder. Whoever may fail, somebody is left, also while little runs. */
function survives({ ha }: Cluster, hosts: Host[], vms: Vm[], all: Host[]): boolean {
  const { by, hostFailures, reservedShare } = ha.admission
  if (by === 'share') {
    const total = hosts.reduce((sum, host) => sum + roomOn(host), 0)
    const free = hosts.reduce((sum, host) => sum + freeOn(host, vms), 0)
    return free >= reservedShare * total
  }
  if (hosts.length <= hostFailures) return hostFailures === 0
  return failuresOf(hosts, hostFailures).every((failed) => {
    const left = hosts.filter((host) => !failed.includes(host))
    const room = left.map((host) => ({ host, bytes: freeOn(host, vms) }))
    const lost = vms
      .filter((vm) => isActive(vm) && vm.ha.restart === 'protected')
      .filter((vm) => failed.some(({ id }) => id === vm.hostId) && hosts.some((host) => sees(host, vm)))
      // What only its own host has the disks of is nobody else's to start.
      .filter((vm) => all.filter((host) => sees(host, vm)).length > 1)
      .sort((a, b) => b.memoryBytes - a.memoryBytes)
    return lost.every((vm) => {
      const place = room.find(({ host, bytes }) => bytes >= vm.memoryBytes && sees(host, vm))
      if (place) place.bytes -= vm.memoryBytes
      return place !== undefined
    })
  })
}

/** Every set of so many hosts. */
function failuresOf(hosts: Host[], size: number): Host[][] {
  if (size <= 0) return []
  if (size === 1) return hosts.map((host) => [host])
  return hosts.flatMap((host, i) =>
    failuresOf(hosts.slice(i + 1), size - 1).map((others) => [host, ...others]),
  )
}

function sayPolicy({ ha: { admission } }: Cluster): string {
  if (admission.by === 'share') return `the loss of ${admission.reservedShare} of its memory`
  return admission.hostFailures === 1 ? 'the failure of a host' : `${admission.hostFailures} failures at once`
}
