import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { demoClusters, joinDemo } from '@drover/harness/demo'
import { root, startStack } from '@drover/harness/stack'

/**
 * `npm start`: builds what is not built, starts PostgreSQL, control, the dashboard and a data centre to manage; prints
 * where it is and how to sign in; ends all of it with Ctrl-C.
 */
const usage = `npm start -- [options]
  --empty        no simulated data centre: begin with nothing and be led through it
  --port N       port of the dashboard (8080, or DROVER_PORT)
  --data DIR     where everything is kept (.data, or DROVER_DATA)
  --dev          run from the sources (npm run dev)`

const { values } = parseArgs({
  options: {
    empty: { type: 'boolean', default: false },
    dev: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    port: { type: 'string', default: process.env.DROVER_PORT ?? '8080' },
    data: { type: 'string', default: process.env.DROVER_DATA ?? join(root, '.data') },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const port = Number(values.port)
if (!Number.isInteger(port) || port < 1 || port > 65_000) {
  console.error(`--port ${values.port} is not a port. Choose a number from 1 to 65000.`)
  process.exit(2)
}
const dataDir = resolve(values.data)

function build(): void {
  const tasks = values.dev ? ['//#db:generate', '@drover/agent-app#build'] : ['build']
  console.log(values.dev ? 'Preparing …' : 'Building (a minute the first time, nothing when it is built) …')
  const args = ['run', ...tasks, '--output-logs=errors-only', '--log-order=grouped']
  const result = spawnSync(join(root, 'node_modules/.bin/turbo'), args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (result.status !== 0) {
    const again = `npx turbo ${args.slice(0, -2).join(' ')}`
    console.error(`The build failed. "${again}" shows all of what it printed.`)
    process.exit(1)
  }
}

async function main(): Promise<void> {
  build()
  console.log('Starting PostgreSQL, the control daemon and the dashboard …')
  let stop = async (): Promise<void> => {}
  let ending = false
  async function end(code: number): Promise<void> {
    if (ending) return
    ending = true
    await stop()
    process.exit(code)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!ending) console.log('\nStopping …')
      void end(0)
    })
  }
  try {
    await start((begun) => {
      stop = begun
    }, end)
  } catch (error) {
    // Ended in the middle of starting: what fails then fails because of it.
    if (ending) return
    console.error((error as Error).message)
    await end(1)
  }
}

async function start(
  begun: (stop: () => Promise<void>) => void,
  end: (code: number) => Promise<void>,
): Promise<void> {
  const stack = await startStack({
    dataDir,
    port,
    demo: !values.empty,
    dev: values.dev,
    begun,
    died(name, code) {
      console.error(
        `The ${name} ended by itself (exit code ${code}); its log is in ${join(dataDir, 'log')}. Ending the rest.`,
      )
      void end(1)
    },
  })
  if (!values.empty) await joinDemo(stack, dataDir)
  console.log(`\n  Drover is at  ${stack.origin}`)
  if (stack.adminPassword === null) console.log('  Sign in as    admin, with the password of the first start')
  else
    console.log(
      `  Sign in as    admin, password ${stack.adminPassword}   (shown this once; change it in the user menu)`,
    )
  console.log(
    values.empty
      ? '  Managing      nothing yet: the dashboard leads through adding a cluster and a host'
      : `  Managing      ${demoClusters}`,
  )
  console.log('  Ctrl-C ends everything; the next start finds the data again.\n')
  stack.forgetPassword()
}

await main()
