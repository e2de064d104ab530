import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { runs } from '../context'
import { CliError, exitCodes } from '../exit'
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

/** Rules from a file. Throws a sentence when it holds none. */
export async function readRules(file: string): Promise<object> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CliError(exitCodes.usage, `${file} cannot be read. Name a file that is there.`)
  })
  try {
    const rules: unknown = JSON.parse(text)
    if (rules !== null && typeof rules === 'object' && !Array.isArray(rules)) return rules
  } catch {
    // Said below.
  }
  throw new CliError(
    exitCodes.usage,
    `${file} holds no rules. Begin with what \`drover cluster rules\` prints.`,
  )
}
