import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, realpath, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readConfig } from '../config'
import { there } from '../host/needs'
import { unitText } from './unit'

const name = 'drover-agent.service'
const unitPath = `/etc/systemd/system/${name}`
/** Where the agent itself stays, wherever it was fetched to. */
const installedBundle = '/usr/local/lib/drover-agent/drover-agent.mjs'

/** The unit for this host; its agent need not have joined yet. */
export async function serviceText(directory: string): Promise<string> {
  const config = await readConfig(directory)
  const paths = config?.datastores.map(({ path }) => path) ?? []
  return unitText({ node: process.execPath, bundle: installedBundle, directory, paths })
}

/** Puts the agent where it stays, writes the unit, and has it run now and at every boot. As root. Says what it did. */
export async function installService(directory: string): Promise<string> {
  if (!(await readConfig(directory)))
    throw new Error('This host has not joined yet. Run the join command that the dashboard shows.')
  if (!(await there('/run/systemd/system')))
    throw new Error('This host is not run by systemd. Let its own supervisor run: drover-agent run')
  const running = await realpath(process.argv[1]!)
  if (running.endsWith('.ts')) throw new Error('Only the built agent can be installed: npm run build')
  if (running !== installedBundle) {
    await mkdir(dirname(installedBundle), { recursive: true })
    await copyFile(running, installedBundle)
  }
  await writeFile(unitPath, await serviceText(directory), { mode: 0o644 })
  for (const args of [['daemon-reload'], ['enable', '--quiet', name], ['restart', name]])
    execFileSync('systemctl', args, { stdio: 'inherit' })
  return `${name} runs, now and after every boot. What it says: journalctl -fu drover-agent`
}
