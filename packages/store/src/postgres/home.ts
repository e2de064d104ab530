import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type Account, canEnter } from './account'

/** Where the database goes when root was given a directory that the unprivileged account cannot reach. */
const SHARED_HOME = '/var/lib/drover'

/**
 * Makes the directory that holds the database, its log and, where needed, its programs. When root runs from a place
 * closed to the account (a checkout below /root), the directory becomes a link into /var/lib/drover.
 */
export async function prepareHome(
  account: Account | undefined,
  dir: string,
  log: (message: string) => void,
): Promise<string> {
  mkdirSync(dirname(dir), { recursive: true })
  if (!(await canEnter(account, dirname(realpathIfThere(dir))))) {
    relocate(dir, account as Account)
    log(
      `${dirname(dir)} is closed to the account PostgreSQL runs as: the database is in ${realpathSync(dir)}`,
    )
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const home = realpathSync(dir)
  if (account) chownSync(home, account.uid, account.gid)
  return home
}

function relocate(dir: string, account: Account): void {
  try {
    const there = lstatSync(dir, { throwIfNoEntry: false })
    if (there?.isSymbolicLink()) unlinkSync(dir)
    else if (there) rmdirSync(dir)
  } catch (cause) {
    throw new Error(
      `PostgreSQL runs as ${account.name}, which cannot enter ${dirname(dir)}, and ${dir} already holds files. ` +
        `Move it below a directory that ${account.name} may enter, or start as that directory's owner.`,
      { cause },
    )
  }
  mkdirSync(SHARED_HOME, { recursive: true, mode: 0o755 })
  symlinkSync(mkdtempSync(join(SHARED_HOME, 'postgres-')), dir)
}

const realpathIfThere = (dir: string) => (existsSync(dir) ? realpathSync(dir) : dir)
