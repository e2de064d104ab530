import { hostname } from 'node:os'
import type { Command } from 'commander'
import { createClient, serverUrl, tokenFor } from '../client'
import { runs } from '../context'
import { CliError, exitCodes } from '../exit'
import { ask, askSecret } from './ask'
import { credentialsPath, readCredentials, removeCredentials, writeCredentials } from './credentials'

interface LoginOptions {
  server?: string
  user?: string
  token?: string
}

/** `drover login`, `drover logout`, `drover whoami`. */
export function sessionCommands(program: Command): void {
  program
    .command('login')
    .description('sign in at a server; an API key of your own is made and kept')
    .option('--server <url>', 'address of the dashboard, such as https://drover.example.org')
    .option('--user <name>', 'who you are; the password is asked for, or read from stdin')
    .option('--token <key>', 'an API key, instead of name and password')
    .action(
      runs<[], LoginOptions>(async ({ out }, options) => {
        const server = addressOf(options.server) ?? serverUrl()
        const made = options.token
          ? { token: options.token, keyId: null }
          : await signIn(server, options.user ?? (await ask('Name: ')), await askSecret('Password: '))
        const api = createClient(server, { authorization: `Bearer ${made.token}` })
        const me = await api.session.me.query()
        writeCredentials({ server, token: made.token, keyId: made.keyId, user: me.name })
        out.say(`Signed in at ${server} as ${me.name}, ${me.role}. The key is in ${credentialsPath()}.`, {
          server,
          ...me,
        })
      }),
    )

  program
    .command('logout')
    .description('end the key that login made')
    .action(
      runs(async ({ out }) => {
        const stored = readCredentials()
        if (!stored) return out.say('You are not signed in.', {})
        const api = createClient(stored.server, { authorization: `Bearer ${stored.token}` })
        if (stored.keyId)
          await api.apiKey.revoke
            .mutate({ keyId: stored.keyId })
            .catch(() => out.note('The key could not be ended at the server; it is forgotten here.'))
        removeCredentials()
        out.say(`Signed out from ${stored.server}.`, { server: stored.server })
      }),
    )

  program
    .command('whoami')
    .description('who you are, and where')
    .action(
      runs(async ({ api, out, server }) => {
        const me = await api.session.me.query()
        const how = process.env.DROVER_TOKEN ? 'by DROVER_TOKEN' : tokenFor(server) ? 'by drover login' : ''
        out.say(`${me.name}, ${me.role}, at ${server} ${how}`.trimEnd(), { ...me, server })
      }),
    )
}

function addressOf(given: string | undefined): string | null {
  if (given === undefined) return null
  const url = /^https?:\/\//.test(given) ? given : `https://${given}`
  if (!URL.canParse(url))
    throw new CliError(
      exitCodes.usage,
      `${given} is not an address. Give one like https://drover.example.org.`,
    )
  return new URL(url).origin
}

/** Signs in as a browser does, makes an API key, and signs out again. */
async function signIn(
  server: string,
  username: string,
  password: string,
): Promise<{ token: string; keyId: string }> {
  const post = (path: string, headers: Record<string, string>, body: object) =>
    fetch(`${server}/api/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server, ...headers },
      body: JSON.stringify(body),
    }).catch((error: { cause?: { code?: string } }) => {
      const why = error.cause?.code ?? 'no connection'
      throw new CliError(
        exitCodes.unreachable,
        `${server} does not answer (${why}). Check the address and whether Drover runs there.`,
      )
    })
  const response = await post('sign-in/username', {}, { username, password })
  if (!response.ok) {
    const { message } = (await response.json().catch(() => ({}))) as { message?: string }
    throw new CliError(
      exitCodes.unreachable,
      message ?? `${server} is not a Drover: it answers ${response.status}.`,
    )
  }
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const api = createClient(server, { cookie, origin: server })
  const name = `drover on ${hostname()}`.slice(0, 100)
  const key = await api.apiKey.create.mutate({ name })
  await post('sign-out', { cookie }, {})
  return { token: key.secret, keyId: key.id }
}
