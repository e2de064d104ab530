import { type Incident, refOf } from '@drover/model'
import type { Checker, Scene } from './checker'
import { decisionOf, loadMovesSince } from './load-moves'

/** What is written down as wrong for so long cannot have been overlooked. */
const raceMs = 1_000
/** So long after the last that came of a failure, loads are evened out without the host that failed. */
const settledMs = 300_000

/** Load can wait. */
export function pauses(): Checker {
  let looked = 0
  return {
    name: 'balancing pauses',
    holds:
      'Nothing is moved for the sake of load while a host of the cluster fails, nor before all has been done that a failure asked for; nobody is put to sleep while an incident is open.',
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
      return begun.flatMap(({ id, kind, clusterId, createdAt }) =>
        trouble(scene, clusterId, createdAt, (kind as string) === 'host.sleep').map(
          (what) => `${id} begins, although ${what}`,
        ),
      )
    },
  }
}

function trouble({ ledger, skewMs }: Scene, clusterId: string, at: number, sleep: boolean): string[] {
  const before = at - raceMs - skewMs()
  const { host: hosts, incident: incidents } = ledger.folded
  const failing = [...hosts.values()].filter(
    (host) =>
      host.clusterId === clusterId &&
      (host.state === 'suspect' || host.state === 'isolated' || host.state === 'fencing') &&
      host.stateSince < before,
  )
  const lasting = ({ host, marks, vms, openedAt }: Incident) =>
    !sleep &&
    !!host &&
    hosts.get(host.id)?.state === 'fenced' &&
    vms.every(({ state }) => state !== 'waiting' && state !== 'starting') &&
    Math.max(openedAt, ...marks.map((mark) => mark.at)) < at - settledMs + skewMs()
  const open = [...incidents.values()].filter(
    (incident) =>
      incident.clusterId === clusterId &&
      incident.closedAt === null &&
      incident.openedAt < before &&
      !lasting(incident),
  )
  return [
    ...failing.map((host) => `${refOf(host).name} is ${host.state}`),
    ...open.map(({ id, title }) => `${id} is open: ${title}`),
  ]
}
