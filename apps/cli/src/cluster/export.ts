import { sayCount } from '@drover/model'
import type { Command } from 'commander'
import { runs } from '../context'
import { Inventory } from '../inventory'
import { checkWritable, writeWhole } from '../output/file'

/** `drover cluster export NAME [--out FILE]`: what `drover plan` reads. */
export function exportCommand(cluster: Command): void {
  cluster
    .command('export')
    .description('the state of a cluster as a file for drover plan: no secrets, no addresses')
    .argument('<cluster>', 'name or id of the cluster')
    .option('--out <file>', 'where to; left out: to the terminal')
    .action(
      runs<[string], { out?: string }>(async ({ api, out }, options, given) => {
        if (options.out !== undefined) checkWritable(options.out)
        const { id: clusterId, name } = (await Inventory.of(api)).cluster(given)
        const state = await api.cluster.export.query({ clusterId })
        const text = `${JSON.stringify(state, null, 2)}\n`
        if (options.out === undefined) return void process.stdout.write(text)
        writeWhole(options.out, text)
        const what = `${sayCount(state.hosts.length, 'host')} and ${sayCount(state.vms.length, 'VM')}`
        out.say(`${name} was written to ${options.out}: ${what}.`, { file: options.out })
      }),
    )
}
