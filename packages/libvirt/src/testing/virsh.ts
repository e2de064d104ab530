import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { PrivateLibvirtd } from './libvirtd'

const run = promisify(execFile)

/** What virsh prints: the oracle that the tests compare with. */
export async function virsh(libvirtd: PrivateLibvirtd, ...args: string[]): Promise<string> {
  return virshAt(libvirtd.virshUri, ...args)
}

/** The same for any URI. */
export async function virshAt(uri: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C.UTF-8' }
  const { stdout } = await run('virsh', ['-q', '-c', uri, ...args], { timeout: 20_000, env })
  return stdout.trim()
}

/** `Name:  value` lines as an object. */
export const fields = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\n')
      .map((line) => /^(.*?)\s*:\s+(.*)$/.exec(line))
      .filter((match) => match !== null)
      .map(([, name, value]) => [name!.trim(), value!.trim()]),
  )
