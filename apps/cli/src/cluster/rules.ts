import type { Command } from 'commander'
import { runs } from '../context'
import { Inventory } from '../inventory'

/** `drover cluster rules NAME`: what drafts, backtests and shadows begin from. */
export function rulesCommand(cluster: Command): void {
  cluster
    .command('rules')
    .description('all that was said about load in a cluster, as JSON: for drafts, backtests and shadows')
    .argument('<cluster>', 'name or id of the cluster')
    .action(
      runs<[string]>(async ({ api, out }, _options, given) => {
        const { id } = (await Inventory.of(api)).cluster(given)
        const rules = await api.cluster.rules.query({ clusterId: id })
        out.say(JSON.stringify(rules, null, 2), rules)
      }),
    )
}
