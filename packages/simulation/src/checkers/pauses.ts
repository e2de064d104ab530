import { refOf } from '@drover/model'
import type { Checker, Scene } from './checker'
import { decisionOf, loadMovesSince } from './load-moves'

/** What is written down as wrong for so long cannot have been overlooked. */
const raceMs = 1_000

/** Load can wait. */
export function pauses(): Checker {
  let looked = 0
  return {
    name: 'balancing pauses',
    holds:
      'Nothing is moved for the sake of load, and nobody is put to sleep, while a host of the cluster fails or an incident is open.',
    always(scene) {
      const { events } = scene.ledger
      if (looked === events.length) return []
      const from = looked
      looked = events.length
      const begun = loadMovesSince(scene, from)
        .filter(({ decision }) => decision?.automatic !== false)
        .map(({ task }) => task)
      for (const { body, initiator } of events.slice(from)) {
        if (body.kind !== 'task.created' || body.what !== 'host.sleep') continue
        const task = scene.ledger.task(body.task.id)
        if (task && initiator.kind === 'drover' && decisionOf(scene, task.id)?.automatic)
          begun.push(task as never)
      }
      return begun.flatMap(({ id, clusterId, createdAt }) =>
        trouble(scene, clusterId, createdAt).map((what) => `${id} begins, although ${what}`),
      )
    },
  }
}

function trouble({ ledger, skewMs }: Scene, clusterId: string, at: number): string[] {
  const before = at - raceMs - skewMs()
  const { host: hosts, incident: incidents } = ledger.folded
  const failing = [...hosts.values()].filter(
    (host) =>
      host.clusterId === clusterId &&
      (host.state === 'suspect' || host.state === 'isolated' || host.state === 'fencing') &&
      host.stateSince < before,
  )
  const open = [...incidents.values()].filter(
    (incident) =>
      incident.clusterId === clusterId && incident.closedAt === null && incident.openedAt < before,
  )
  return [
    ...failing.map((host) => `${refOf(host).name} is ${host.state}`),
    ...open.map(({ id, title }) => `${id} is open: ${title}`),
  ]
}
