import type { Command } from 'commander'
import { runs } from '../context'
import { Inventory } from '../inventory'

/** `drover cluster readiness`: how sure it is that a dead host can be proven dead. */
export function readinessCommand(cluster: Command): void {
  cluster
    .command('readiness')
    .description('how sure it is that a host that dies can be proven dead, and what is missing')
    .argument('<cluster>', 'name or id of the cluster')
    .action(
      runs<[string]>(async ({ api, out }, _options, given) => {
        const { id: clusterId, name } = (await Inventory.of(api)).cluster(given)
        const ready = await api.cluster.readiness.query({ clusterId })
        if (out.json) return out.say('', ready)
        out.note(`${name}: ${ready.score} of 100.`)
        out.rows(
          ready.hosts,
          [
            { title: 'host', of: (row) => row.host.name },
            { title: 'score', of: (row) => row.score, right: true },
            { title: 'missing', of: (row) => row.missing.join(' ') },
          ],
          'It has no host that has reported yet.',
        )
      }),
    )
}
