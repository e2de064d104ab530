import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '../..')

/** A change to a source file, made on the way into a bundle and nowhere else. */
export interface Patch {
  /** From the root of the repository. */
  file: string
  /** Must be there exactly once: a patch that no longer fits says so, instead of planting nothing. */
  find: string
  replace: string
}

export interface Bundle {
  /** A module that a worker process runs. */
  path: string
  remove(): Promise<void>
}

/** The simulation's worker as one file, with these patches. */
export async function bundleWorker(patches: readonly Patch[] = []): Promise<Bundle> {
  const directory = await mkdtemp(join(tmpdir(), 'drover-sim-'))
  const path = join(directory, 'worker.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    sourcemap: 'inline',
    logLevel: 'error',
    plugins: patches.length > 0 ? [patching(patches)] : [],
  })
  return { path, remove: () => rm(directory, { recursive: true, force: true }) }
}

/** The text of a patched file. Throws when a patch does not fit it. */
export function patched(file: string, patches: readonly Patch[]): string {
  let text = readFileSync(join(root, file), 'utf8')
  for (const { find, replace } of patches) {
    const times = text.split(find).length - 1
    if (times !== 1) throw new Error(`${file} has ${times} places, not one, that say:\n${find}`)
    text = text.replace(find, () => replace)
  }
  return text
}

function patching(patches: readonly Patch[]): Plugin {
  const files = new Map<string, Patch[]>()
  for (const patch of patches) files.set(patch.file, [...(files.get(patch.file) ?? []), patch])
  return {
    name: 'patches',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const file = path.slice(root.length + 1)
        const own = files.get(file)
        return own ? { contents: patched(file, own), loader: 'ts' } : undefined
      })
    },
  }
}
