import { type Cluster, type Host, isOpen, type Task } from '@drover/model'
import type { Checker, Scene } from './checker'

/** A host may have fallen silent just now without anybody having noticed. */
const slackMs = 1_500
/** After so long at the latest it is known that references are gone. */
const referenceMs = 15_000

/** Who fell silent at quite another time is another trouble. */
const togetherMs = 20_000

/** Invariant 3. */
export function storm(): Checker {
  let looked = 0
  const lostSince = new Map<string, number>()
  return {
    name: 'no storm',
    holds:
      'Drover fences nobody while too many hosts of a cluster are silent together without a word, or while it cannot reach its reference addresses.',
    always(scene) {
      const breaches: string[] = []
      const by = scene.leader()?.name ?? null
      watchReferences(scene, by, lostSince)
      for (; looked < scene.ledger.events.length; looked++) {
        const task = automaticFence(scene, looked)
        const cluster = task && scene.ledger.folded.cluster.get(task.clusterId)
        if (!task || !cluster || !by) continue
        breaches.push(...tooMany(scene, task, cluster))
        const since = lostSince.get(`${by} ${cluster.id}`)
        if (since !== undefined && scene.now() - since > referenceMs) {
          breaches.push(`${task.host?.name} is fenced although ${by} reaches none of its references`)
        }
      }
      return breaches
    },
  }
}

/** The fence task that the event begins, when nobody asked for it. */
export function automaticFence({ ledger }: Scene, index: number): Task<'host.fence'> | null {
  const { body, initiator } = ledger.events[index]!
  if (body.kind !== 'task.created' || body.what !== 'host.fence' || initiator.kind !== 'drover') return null
  return (ledger.task(body.task.id) as Task<'host.fence'> | undefined) ?? null
}

function tooMany(scene: Scene, task: Task, cluster: Cluster): string[] {
  const hosts = [...scene.ledger.folded.host.values()].filter(
    (host) => host.clusterId === cluster.id && !saidGoodbye(host),
  )
  const at = scene.witness.heardAt(task.host?.name ?? '')
  const silent = hosts.filter(
    (host) =>
      isLost(scene, host, cluster.ha.suspectMs + slackMs) &&
      Math.abs(scene.witness.heardAt(host.name) - at) < togetherMs,
  )
  const { hosts: most, share } = cluster.ha.storm
  if (silent.length < most || silent.length <= share * hosts.length) return []
  return [
    `${task.host?.name} is fenced while ${silent.map(({ name }) => name).join(', ')} of ${hosts.length} hosts are silent together`,
  ]
}

/** Its agent was stopped in an orderly way, and control heard it: its silence is explained. */
function saidGoodbye({ state, facts }: Host): boolean {
  return state === 'unwatched' || (state === 'connected' && facts?.goodbye?.goesDown === false)
}

/** Silent, and not known to be off. */
function isLost(scene: Scene, host: Host, silentMs: number): boolean {
  const { witness, now } = scene
  if (host.state === 'fenced' || host.facts === null || now() - witness.heardAt(host.name) <= silentMs)
    return false
  return !wasSwitchedOff(scene, host) && !wentDown(scene, host)
}

/** Off because its operating system was asked to go down, by a task that has yet to see it. */
function wentDown({ truth, ledger }: Scene, { id, name }: Host): boolean {
  if (truth.hosts.get(name)?.on !== false) return false
  return [...ledger.folded.task.values()].some(
    (task) =>
      (task.kind === 'host.sleep' || task.kind === 'host.shutdown') && task.host?.id === id && isOpen(task),
  )
}

/** Silent because a fence of ours has just switched it off, which its devices have yet to say; it may be booting again. */
function wasSwitchedOff({ truth, devices, witness }: Scene, { name, state }: Host): boolean {
  const downAt = witness.downAt.get(name)
  if (state !== 'fencing' || downAt === undefined) return false
  if (truth.hosts.get(name)?.on && witness.heardAt(name) > downAt) return false
  return [...devices.values()].some(
    ({ is, orders }) =>
      is.host === name && orders.some(({ action, at }) => action === 'off' && Math.abs(downAt - at) < 15_000),
  )
}

function watchReferences(
  { ledger, network, now }: Scene,
  by: string | null,
  since: Map<string, number>,
): void {
  for (const { id, ha } of ledger.folded.cluster.values()) {
    const key = `${by} ${id}`
    const lost =
      by !== null &&
      ha.referenceAddresses.length > 0 &&
      ha.referenceAddresses.every((address) => network.isCut(by, address) || network.isCut(address, by))
    if (!lost) since.delete(key)
    else if (!since.has(key)) since.set(key, now())
  }
}
