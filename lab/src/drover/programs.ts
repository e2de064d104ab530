import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../run'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const tsx = import.meta.resolve('tsx')

/** A Node.js program: its arguments, and where it is run. */
export interface Program {
  args: string[]
  cwd: string
}

/** The control daemon, from its sources: nothing has to be built before. */
export const controlProgram: Program = {
  cwd: join(root, 'apps/control'),
  args: ['--import', tsx, join(root, 'apps/control/src/main.ts')],
}

/** The control daemon as it is shipped, built now. */
export async function buildControl(): Promise<Program> {
  const cwd = join(root, 'apps/control')
  await run(process.execPath, ['build.mjs'], { cwd })
  return { cwd, args: ['--enable-source-maps', join(cwd, 'dist/main.js')] }
}

/** Where `buildAgent` puts the file. */
export const bundleIn = (dir: string): string => join(dir, 'drover-agent.mjs')

/** The agent as hosts get it, in one file: it starts four times as fast as from its sources, and crash tests start it often. */
export async function buildAgent(dir: string): Promise<Program> {
  const cwd = join(root, 'apps/agent')
  const file = bundleIn(dir)
  await run(process.execPath, ['build.mjs', file], { cwd })
  return { cwd, args: ['--enable-source-maps', file] }
}
