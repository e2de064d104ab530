import { writeFileSync } from 'node:fs'
import { sayCount } from '@drover/model'
import type { Command } from 'commander'
import { runs } from '../context'
import { CliError, exitCodes } from '../exit'
import { Inventory } from '../inventory'

/** `drover cluster export NAME [--out FILE]`: what `drover plan` reads. */
export function exportCommand(cluster: Command): void {
  cluster
    .command('export')
    .description('the state of a cluster as a file for drover plan: no secrets, no addresses')
    .argument('<cluster>', 'name or id of the cluster')
    .option('--out <file>', 'where to; left out: to the terminal')
    .action(
      runs<[string], { out?: string }>(async ({ api, out }, options, given) => {
        const { id: clusterId, name } = (await Inventory.of(api)).cluster(given)
        const state = await api.cluster.export.query({ clusterId })
        const text = `${JSON.stringify(state, null, 2)}\n`
        if (options.out === undefined) return void process.stdout.write(text)
        try {
          writeFileSync(options.out, text)
        } catch (error) {
          throw new CliError(
            exitCodes.usage,
            `${options.out} cannot be written: ${(error as Error).message}.`,
          )
        }
        const what = `${sayCount(state.hosts.length, 'host')} and ${sayCount(state.vms.length, 'VM')}`
        out.say(`${name} was written to ${options.out}: ${what}.`, { file: options.out })
      }),
    )
}
