import type { Scenario } from '../format/scenario'

/**
 * The control daemons of a scenario, and which of them "the manager on that host" is. Drover's daemons do not run on its
 * hosts; those that the timeline names come first, so that what it does to a manager meets the one that leads.
 */
export function managersOf({ cluster, timeline }: Scenario): {
  daemons: string[]
  managers: Map<string, string>
} {
  const named = new Set<string>()
  for (const { do: ops } of timeline) {
    for (const op of ops) {
      if (!op.op.startsWith('manager.') && !op.op.startsWith('store.')) continue
      if ('host' in op && op.host) named.add(op.host)
    }
  }
  const managers = new Map([...named].map((host, i) => [host, `control/${i + 1}`]))
  const spare = named.size < cluster.hosts.length ? 1 : 0
  const count = Math.max(2, named.size + spare)
  return { daemons: Array.from({ length: count }, (_, i) => `control/${i + 1}`), managers }
}
