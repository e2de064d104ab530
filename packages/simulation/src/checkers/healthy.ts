import type { Host, Task } from '@drover/model'
import type { Checker, Scene } from './checker'
import { automaticFence } from './storm'

/** A heartbeat that is on its way, or arrives while a decision is being written, comes too late for it. */
const raceMs = 300
/** Whose heartbeats come steadily for this long is back, and is left alone. */
const backMs = 500
/** So long its storage heartbeat has to have been there for everybody to see. */
const freshMs = 12_000

/** Suspicion is no reason to kill. */
export function healthy(): Checker {
  let looked = 0
  const tried = new Map<string, number>()
  return {
    name: 'the healthy are left alone',
    holds:
      'Drover fences no host by itself that it has just heard, that is back for seconds, that is only cut off and writes to its datastores, or whose agent said goodbye and which is on.',
    always(scene) {
      const breaches: string[] = []
      for (; looked < scene.ledger.events.length; looked++) {
        const task = automaticFence(scene, looked)
        const host = task?.host && scene.ledger.folded.host.get(task.host.id)
        if (task && host) breaches.push(...asDecided(scene, task, host))
      }
      for (const { is, tries } of scene.devices.values()) {
        for (let i = tried.get(is.name) ?? 0; i < tries.length; i++) {
          if (tries[i]!.action === 'off') breaches.push(...asOrdered(scene, is.host))
        }
        tried.set(is.name, tries.length)
      }
      return breaches
    },
  }
}

function asDecided(scene: Scene, task: Task, { name }: Host): string[] {
  const { witness, now, ledger, truth } = scene
  const cluster = ledger.folded.cluster.get(task.clusterId)
  if (!cluster) return []
  const by = scene.leader()?.name ?? ''
  const silentMs = now() - (witness.heard.get(by)?.get(name) ?? 0)
  // What was heard while this was being written is seen before the device is told: that is looked at by itself, below.
  if (silentMs > raceMs && silentMs < cluster.ha.suspectMs - raceMs)
    return [`${name} is fenced; it was heard ${silentMs} ms ago`]
  const host = truth.hosts.get(name)!
  if (
    scene.released(name) === 'mute' &&
    host.on &&
    !host.frozen &&
    saidGoodbye(ledger.folded.host.get(task.host!.id))
  )
    return [`${name} is fenced; its agent was only stopped in an orderly way`]
  const well = host.on && !host.frozen && witness.freshMs(name) > freshMs && seen(scene, name)
  if (well && cluster.ha.isolatedHost === 'leave')
    return [`${name} is fenced; it only cannot be heard, and has written to its datastores all the time`]
  return []
}

/** Its agent's goodbye was written down, and explains that it is silent. */
function saidGoodbye(host: Host | undefined): boolean {
  const goodbye = host?.facts?.goodbye
  return goodbye !== undefined && !goodbye.goesDown
}

/** Whether some connected host has read the heartbeats of this one all the time. */
function seen({ truth, ledger, witness, now }: Scene, name: string): boolean {
  const mounts = truth.hosts.get(name)!.is.mounts.map(({ datastore }) => datastore)
  return [...ledger.folded.host.values()].some((peer) => {
    const there = truth.hosts.get(peer.name)
    return (
      peer.name !== name &&
      peer.state === 'connected' &&
      there !== undefined &&
      there.storage.size === 0 &&
      now() - witness.heardAt(peer.name) < 2_000 &&
      now() - (witness.steadySince.get(peer.name) ?? now()) > freshMs &&
      there.is.mounts.some(({ datastore }) => mounts.includes(datastore))
    )
  })
}

/** The first "off" of a fence by Drover itself: once it was sent it is carried through. */
function asOrdered({ witness, now, ledger, devices, leader, skewMs }: Scene, name: string): string[] {
  const tasks = [...ledger.folded.task.values()].filter(
    ({ kind, host, endedAt }) => kind === 'host.fence' && host?.name === name && endedAt === null,
  )
  if (tasks.length !== 1 || tasks[0]!.initiator.kind !== 'drover') return []
  const since = tasks[0]!.createdAt - skewMs()
  // Decided and written down before it was back; the device was busy.
  const { offAt } = tasks[0]!.memo as { offAt?: number }
  const backAt = witness.steadySince.get(name) ?? now()
  if (offAt !== undefined && offAt - skewMs() <= backAt) return []
  const offs = [...devices.values()]
    .filter(({ is }) => is.host === name)
    .flatMap(({ tries }) => tries.filter(({ action, at }) => action === 'off' && at >= since))
  const steadyMs = now() - (witness.steadySince.get(name) ?? now())
  if (
    offs.length !== 1 ||
    steadyMs < backMs ||
    now() - (witness.heard.get(leader()?.name ?? '')?.get(name) ?? 0) > 1_200
  )
    return []
  return [`${name} is switched off although it has been heard again for ${steadyMs} ms`]
}
