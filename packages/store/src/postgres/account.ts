import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The operating system account a child process runs as; absent where Node runs as an ordinary user. */
export interface Account {
  name: string
  uid: number
  gid: number
}

/**
 * The account PostgreSQL runs as. PostgreSQL refuses to run as root, so root lends it an unprivileged account:
 * the owner of a database that is already there, else `postgres`, else `nobody`. Undefined: run as ourselves.
 */
export async function postgresAccount(dataDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const owner = statSync(dataDir, { throwIfNoEntry: false })?.uid
  const candidates = owner ? [String(owner)] : ['postgres', 'nobody']
  for (const candidate of candidates) {
    const id = async (flag: string) => (await run('id', [flag, candidate])).stdout.trim()
    try {
      return { name: await id('-un'), uid: Number(await id('-u')), gid: Number(await id('-g')) }
    } catch {
      // No such account on this machine: try the next.
    }
  }
  throw new Error(
    `PostgreSQL cannot run as root and this machine has no account ${candidates.join(' or ')}. ` +
      'Create one (useradd --system postgres), start as another user, or set DATABASE_URL.',
  )
}

/** Whether the account can enter `dir`, parents included. Without an account the answer is left to the first use. */
export async function canEnter(account: Account | undefined, dir: string): Promise<boolean> {
  if (!account) return true
  return succeeds(account, '/bin/sh', ['-c', 'cd -- "$0"', dir])
}

/** Whether the command, run as the account, ends with status 0. */
export async function succeeds(account: Account | undefined, file: string, args: string[]): Promise<boolean> {
  return run(file, args, asAccount(account)).then(
    () => true,
    () => false,
  )
}

/** Options for `child_process`: the account, and a working directory and locale that every account has. */
export function asAccount(account: Account | undefined) {
  const who = account ? { uid: account.uid, gid: account.gid } : {}
  return {
    ...who,
    cwd: process.platform === 'win32' ? undefined : '/',
    env: { ...process.env, LC_ALL: 'C', HOME: account ? '/' : process.env.HOME },
    windowsHide: true,
  }
}
