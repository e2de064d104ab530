import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, startStack } from '@drover/harness/stack'
import { ensureSystemPackages, labImpossible } from '@drover/harness/system'
import { createLab } from '@drover/lab'
import { joinLab } from '@drover/lab/drover'

/**
 * `npm run lab`: three real hosts in this machine, real guests, one agent each, control and the dashboard beside them;
 * leaves nothing behind when it ends.
 */
const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '3' },
    guests: { type: 'string', default: '4' },
    port: { type: 'string', default: '8090' },
    keep: { type: 'boolean', default: false },
  },
})

async function main(): Promise<void> {
  await ensureSystemPackages((line) => console.log(line))
  const why = labImpossible()
  if (why) throw new Error(`The lab cannot run here: ${why}.`)
  console.log('Building …')
  const built = spawnSync(
    join(root, 'node_modules/.bin/turbo'),
    ['run', 'build', '--output-logs=errors-only'],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  if (built.status !== 0) throw new Error('The build failed.')

  const lab = await createLab({
    name: 'shown',
    hosts: Number(values.hosts),
    keep: values.keep,
    log: (line) => console.log(line),
  })
  let stop: () => Promise<void> = async () => {}
  let ending = false
  const end = async (code: number): Promise<void> => {
    if (ending) return
    ending = true
    console.log('\nEnding the lab …')
    await stop()
    await lab.destroy()
    process.exit(code)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0))
  try {
    await lab.up()
    mkdirSync(lab.dir, { recursive: true })
    const stack = await startStack({
      dataDir: join(lab.dir, 'control'),
      port: Number(values.port),
      agentHost: lab.controlAddress,
      died(name, code) {
        console.error(`The ${name} ended by itself (exit code ${code}).`)
        void end(1)
      },
    })
    stop = stack.stop
    await joinLab(stack, lab, Number(values.guests), (line) => console.log(line))
    console.log(`\n  The lab's dashboard is at  ${stack.origin}`)
    console.log(`  Sign in as                 admin, password ${stack.adminPassword}`)
    console.log('  Ctrl-C ends it and leaves nothing behind.\n')
  } catch (error) {
    console.error((error as Error).message)
    await end(1)
  }
}

main().catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
