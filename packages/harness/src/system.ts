import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** Why a piece of the system is wanted. */
export type Purpose = 'lab' | 'browser tests' | 'fencing tests'

export interface Requirement {
  /** In words, with the version where one matters: "QEMU 10 or newer". */
  what: string
  /** The Debian package that brings it. */
  package: string
  neededFor: Purpose
}

export interface SystemReport {
  present: Requirement[]
  missing: Requirement[]
}

interface Check extends Requirement {
  usable: () => boolean
  backports?: boolean
}

const firstVersion = (program: string) => {
  const output = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: 10_000 }).stdout ?? ''
  return Number(/version (\d+)/.exec(output)?.[1] ?? 0)
}
const program = (name: string) =>
  ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((dir) => existsSync(`${dir}/${name}`))
const library = (path: string) => existsSync(`/usr/lib/x86_64-linux-gnu/${path}`)

/**
 * QEMU 7.2 (Debian 12) loses dirty pages of guests that are migrated live under software emulation, so the guest dies
 * after the migration; hence the version.
 */
const checks: Check[] = [
  {
    what: 'QEMU 10 or newer',
    package: 'qemu-system-x86',
    neededFor: 'lab',
    usable: () => firstVersion('qemu-system-x86_64') >= 10,
    backports: true,
  },
  {
    what: 'qemu-img 10 or newer',
    package: 'qemu-utils',
    neededFor: 'lab',
    usable: () => firstVersion('qemu-img') >= 10,
    backports: true,
  },
  {
    what: 'libvirtd and its directories',
    package: 'libvirt-daemon-system',
    neededFor: 'lab',
    usable: () => program('libvirtd') && existsSync('/etc/libvirt') && existsSync('/var/lib/libvirt'),
  },
  {
    what: "libvirt's QEMU driver",
    package: 'libvirt-daemon-driver-qemu',
    neededFor: 'lab',
    usable: () => library('libvirt/connection-driver/libvirt_driver_qemu.so'),
  },
  { what: 'virsh', package: 'libvirt-clients', neededFor: 'lab', usable: () => program('virsh') },
  { what: 'curl', package: 'curl', neededFor: 'lab', usable: () => program('curl') },
  { what: 'ip', package: 'iproute2', neededFor: 'lab', usable: () => program('ip') },
  {
    what: 'nsenter and unshare',
    package: 'util-linux',
    neededFor: 'lab',
    usable: () => program('nsenter') && program('unshare'),
  },
  { what: 'gcc', package: 'gcc', neededFor: 'lab', usable: () => program('gcc') },
  { what: 'a static libc', package: 'libc6-dev', neededFor: 'lab', usable: () => library('libc.a') },
  { what: 'cpio', package: 'cpio', neededFor: 'lab', usable: () => program('cpio') },
  {
    what: 'a boot loader for the guest image',
    package: 'syslinux',
    neededFor: 'lab',
    usable: () => program('syslinux'),
  },
  {
    what: 'a master boot record for the guest image',
    package: 'syslinux-common',
    neededFor: 'lab',
    usable: () => existsSync('/usr/lib/syslinux/mbr/mbr.bin'),
  },
  { what: 'mformat and mcopy', package: 'mtools', neededFor: 'lab', usable: () => program('mcopy') },
  {
    what: 'Chromium',
    package: 'chromium',
    neededFor: 'browser tests',
    usable: () => program('chromium'),
  },
  { what: 'ipmi_sim', package: 'openipmi', neededFor: 'fencing tests', usable: () => program('ipmi_sim') },
  { what: 'ipmitool', package: 'ipmitool', neededFor: 'fencing tests', usable: () => program('ipmitool') },
  {
    what: 'fence_ipmilan',
    package: 'fence-agents',
    neededFor: 'fencing tests',
    usable: () => program('fence_ipmilan'),
  },
]

/** What the tests need of the system: what is there and usable, and what is not. Changes nothing. */
export function checkSystem(purposes?: Purpose[]): SystemReport {
  const report: SystemReport = { present: [], missing: [] }
  for (const { usable, backports: _, ...requirement } of checks) {
    if (purposes && !purposes.includes(requirement.neededFor)) continue
    report[usable() ? 'present' : 'missing'].push(requirement)
  }
  return report
}

/**
 * Why the lab cannot run here, in one line; undefined when it can. Besides packages it needs root, for namespaces.
 */
export function labImpossible(): string | undefined {
  if (process.getuid?.() !== 0) return 'the lab needs root, for namespaces'
  const { missing } = checkSystem(['lab'])
  if (missing.length === 0) return undefined
  return `the lab lacks ${missing.map((item) => `${item.what} (package ${item.package})`).join(', ')}`
}

/**
 * Installs what is missing, when this is a Debian machine and we are root; else only tells. Quick when all is there.
 * No service is started. Never throws for a package that cannot be had: it stays in `missing`.
 */
export async function ensureSystemPackages(log: (line: string) => void = () => {}): Promise<SystemReport> {
  const before = checkSystem()
  if (before.missing.length === 0) return before
  if (process.getuid?.() !== 0 || !program('apt-get')) return before
  const wanted = checks.filter((check) => before.missing.some((item) => item.what === check.what))
  log(`system: installing ${wanted.map((check) => check.package).join(', ')}`)
  if (wanted.some((check) => check.backports)) addBackports(log)
  withoutStartingServices(() => {
    apt(log, ['update'])
    for (const backports of [false, true]) {
      const names = wanted
        .filter((check) => Boolean(check.backports) === backports)
        .map((item) => item.package)
      const install = ['install', '-y', '--no-install-recommends', ...(backports ? backportsSuite() : [])]
      if (names.length === 0 || apt(log, [...install, ...names])) continue
      // All at once is quick. If one of them cannot be had, the others shall still come.
      for (const name of names) apt(log, [...install, name])
    }
  })
  const after = checkSystem()
  for (const item of after.missing) log(`system: still missing: ${item.what} (package ${item.package})`)
  return after
}

function apt(log: (line: string) => void, args: string[]): boolean {
  log(`system: apt-get ${args.join(' ')}`)
  const run = spawnSync('apt-get', ['-q', ...args], {
    encoding: 'utf8',
    timeout: 15 * 60_000,
    maxBuffer: 1 << 26,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (run.status !== 0) log(`system: apt-get ${args[0]} failed: ${lastLines(run.stderr || run.stdout || '')}`)
  return run.status === 0
}

const lastLines = (text: string) => text.trim().split('\n').slice(-3).join(' / ')

/** The machine's release name; undefined where there is none. */
function codename(): string | undefined {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  return /^VERSION_CODENAME=(\S+)$/m.exec(release)?.[1]
}

/** Debian 12 has its newer QEMU in backports, which must be chosen for it and what it needs; later releases bring it. */
function backportsSuite(): string[] {
  return codename() === 'bookworm' ? ['-t', 'bookworm-backports'] : []
}

/** Adds the backports suite from the same mirror that the machine already uses. */
function addBackports(log: (line: string) => void): void {
  if (codename() !== 'bookworm') return
  const sources = aptSources()
  if (sources.some((source) => source.suites.includes('bookworm-backports'))) return
  const main = sources.find((source) => source.suites.includes('bookworm'))
  if (!main) {
    log('system: no apt source for bookworm found, so none for its backports can be derived')
    return
  }
  log('system: adding bookworm-backports from the mirror that this machine uses')
  const lines = ['Types: deb', `URIs: ${main.uris}`, 'Suites: bookworm-backports', 'Components: main']
  if (main.signedBy) lines.push(`Signed-By: ${main.signedBy}`)
  writeFileSync('/etc/apt/sources.list.d/drover-backports.sources', `${lines.join('\n')}\n`)
}

interface AptSource {
  uris: string
  suites: string[]
  signedBy?: string
}

/** The machine's apt sources, in both of the formats that apt reads. */
function aptSources(): AptSource[] {
  const dir = '/etc/apt/sources.list.d'
  const names = existsSync(dir) ? readdirSync(dir).map((name) => `${dir}/${name}`) : []
  const files = ['/etc/apt/sources.list', ...names].filter((path) => existsSync(path))
  const found: AptSource[] = []
  for (const path of files) {
    const text = readFileSync(path, 'utf8').replace(/^\s*#.*\n?/gm, '')
    if (path.endsWith('.sources')) {
      for (const stanza of text.split(/\n\s*\n/)) {
        const field = (name: string) => new RegExp(`^${name}:\\s*(.+)$`, 'mi').exec(stanza)?.[1]?.trim()
        const uris = field('URIs')
        const suites = field('Suites')
        if (uris && suites) found.push({ uris, suites: suites.split(/\s+/), signedBy: field('Signed-By') })
      }
    } else if (path.endsWith('.list')) {
      for (const [, options, uris, suite] of text.matchAll(/^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/gm)) {
        const signedBy = /signed-by=(\S+)/i.exec(options ?? '')?.[1]
        found.push({ uris: uris!, suites: [suite!], signedBy })
      }
    }
  }
  return found
}

/** Packages ask policy-rc.d before they start a service; 101 means no. */
function withoutStartingServices(install: () => void): void {
  const policy = '/usr/sbin/policy-rc.d'
  const ours = !existsSync(policy)
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    install()
  } finally {
    if (ours) rmSync(policy, { force: true })
  }
}

/**
 * Downloads a package and unpacks it into `dir`, without installing it. With `meaning`, the name is a meta-package, and
 * the expression finds what it stands for among its dependencies. Throws with apt's message when it cannot be had.
 */
export function unpackPackage(name: string, dir: string, meaning?: RegExp): void {
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: dir, encoding: 'utf8', timeout: 5 * 60_000, stdio: 'pipe' })
  const download = () => {
    const target = meaning ? meaning.exec(run('apt-cache', 'depends', name))?.[1] : name
    if (!target) throw new Error(`The package lists do not know ${name}`)
    // apt's own sandbox user may not write into our directory.
    run('apt-get', '-q', '-o', 'APT::Sandbox::User=root', 'download', target)
  }
  try {
    download()
  } catch {
    // The lists may be absent, or older than what the mirror still has.
    run('apt-get', '-q', 'update')
    download()
  }
  const file = readdirSync(dir).find((entry) => entry.endsWith('.deb'))
  if (!file) throw new Error(`apt-get download brought no package for ${name}`)
  run('dpkg-deb', '-x', file, '.')
  rmSync(`${dir}/${file}`)
}

async function main(): Promise<void> {
  const log = (line: string) => console.error(line)
  const report = process.argv.includes('--check') ? checkSystem() : await ensureSystemPackages(log)
  console.log(JSON.stringify(report, undefined, 2))
  if (report.missing.length > 0) process.exitCode = 1
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main()
