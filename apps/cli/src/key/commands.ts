import type { Command } from 'commander'
import { runs } from '../context'
import { duration, sayTime } from '../output/quantity'
import { pick } from '../resolve'

/** `drover key …`: one's own API keys. */
export function keyCommands(program: Command): void {
  const key = program.command('key').description('your API keys, for programs')

  key
    .command('list')
    .description('your keys')
    .action(
      runs(async ({ api, out }) => {
        out.rows(
          await api.apiKey.list.query(),
          [
            { title: 'name', of: (row) => row.name },
            { title: 'begins', of: (row) => row.start },
            { title: 'made', of: (row) => sayTime(row.createdAt) },
            { title: 'used', of: (row) => row.lastUsedAt && sayTime(row.lastUsedAt) },
            { title: 'ends', of: (row) => row.expiresAt && sayTime(row.expiresAt) },
            { title: 'id', of: (row) => row.id },
          ],
          'You have no key.',
        )
      }),
    )

  key
    .command('create')
    .description('a new key, shown once; use it as DROVER_TOKEN')
    .argument('<name>', 'what it is for')
    .option('--expires <time>', 'ends after this, such as 90d', duration)
    .action(
      runs<[string], { expires?: number }>(async ({ api, out }, { expires }, name) => {
        const made = await api.apiKey.create.mutate({ name, expiresInMs: expires ?? null })
        out.note('Keep it now: it is not shown again.')
        out.say(made.secret, made)
      }),
    )

  key
    .command('revoke')
    .description('end a key at once')
    .argument('<key>', 'name or id')
    .action(
      runs<[string]>(async ({ api, out }, _options, given) => {
        const { id } = pick(await api.apiKey.list.query(), given, 'key', (row) => row.start ?? '')
        const key = await api.apiKey.revoke.mutate({ keyId: id })
        out.say(`${key.name} works no longer.`, key)
      }),
    )
}
