import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { machine } from './bench/machine'

/**
 * `npm run bench -- NAME [options]`: measures, prints a table and what it was measured on. A benchmark fails when it
 * cannot measure, or when what it measured went wrong; never because something was slow.
 *
 * Every file of `bench/` that exports `bench` is one.
 */
export interface Bench {
  /** One line for the list. */
  about: string
  /** The options that it knows, each with its default. */
  options: Record<string, string>
  /** Whatever is printed goes through `print`, one line at a time. */
  run(options: Record<string, string>, print: (line: string) => void): Promise<void>
}

const dir = join(import.meta.dirname, 'bench')
const names = readdirSync(dir)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))
const load = async (name: string): Promise<Bench> => (await import(join(dir, `${name}.bench.ts`))).bench

async function main(): Promise<void> {
  const [name, ...words] = process.argv.slice(2)
  if (!name || !names.includes(name)) {
    console.error('npm run bench -- NAME [--option value …]')
    for (const each of names) {
      const { about, options } = await load(each)
      const known = Object.entries(options).map(([option, value]) => `--${option} ${value}`)
      console.error(`  ${each.padEnd(10)} ${about}\n             ${known.join('  ')}`)
    }
    process.exit(2)
  }
  const { options, run } = await load(name)
  const chosen = { ...options }
  for (let i = 0; i < words.length; i += 2) {
    const option = words[i]!.replace(/^--/, '')
    const value = words[i + 1]
    if (!(option in options) || value === undefined)
      throw new Error(
        `${words[i]} is not an option of ${name}. It knows --${Object.keys(options).join(', --')}.`,
      )
    chosen[option] = value
  }
  const command = ['npm run bench --', name, ...words].join(' ')
  for (const line of machine(command)) console.log(line)
  await run(chosen, (line) => console.log(line))
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error.message)
    process.exit(1)
  },
)
