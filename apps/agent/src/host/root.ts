import { spawnSync } from 'node:child_process'
import { constants } from 'node:fs'
import { dirname } from 'node:path'
import { there } from './needs'

/** Whether the agent's directory or libvirt is closed to whoever runs this. */
export async function needsRoot(directory: string, socketPath: string | null): Promise<boolean> {
  if (process.getuid?.() === 0) return false
  let nearest = directory
  while (!(await there(nearest)) && dirname(nearest) !== nearest) nearest = dirname(nearest)
  if (!(await there(nearest, constants.W_OK))) return true
  return socketPath !== null && (await there(socketPath)) && !(await there(socketPath, constants.W_OK))
}

/** Runs this very command once more as root, by sudo, and ends with what that ended with. */
export function becomeRoot(directory: string): never {
  console.error('drover-agent: this needs root; asking sudo.')
  // By its path, because sudo may not find the same Node.js; the directory, because sudo clears the environment.
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1), '--dir', directory]
  const { status, error } = spawnSync('sudo', again, { stdio: 'inherit' })
  if (error) throw new Error('This needs root, and there is no sudo here. Become root and run it again.')
  process.exit(status ?? 1)
}
