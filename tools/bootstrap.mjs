// The first thing that `npm start` and `npm test` run: plain JavaScript, so that it works before anything is installed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [script, ...args] = process.argv.slice(2)

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Drover needs Node.js 20.19 or newer; this is ${process.versions.node}.`)
  process.exit(1)
}

const installed = join(root, 'node_modules/.package-lock.json')
const wanted = join(root, 'package-lock.json')
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(wanted).mtimeMs) {
  console.log('Installing dependencies …')
  // Not `npm ci`: it refuses a lock file that lacks other platforms' optional packages, and not every mirror has them.
  const install = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  const result = spawnSync('npm', install, { cwd: root, stdio: 'inherit' })
  if (result.status !== 0) process.exit(result.status ?? 1)
}

// The script's own signal handling decides what Ctrl-C means; this parent only waits for it.
const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'tools', `${script}.ts`), ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
