import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureSystemPackages, labImpossible, type Purpose, type SystemReport } from '@drover/harness/system'

/**
 * `npm test`: everything, from types to real machines moving in the lab, added up in one closing line.
 * `npm run check` is the part that takes seconds. `--only NAME[,NAME]` runs some stages by name.
 */

interface Counts {
  passed: number
  failed: number
  skipped: number
}

/**
 * Where a stage runs. `aside`: at the lowest priority, beside stages that mostly wait (for guests to boot, leases to run
 * out, servers to come back) and leave the processors idle. What it prints goes to this file, and is shown at its end.
 */
type Place = 'here' | { aside: string }

interface Stage {
  name: string
  /** What it cannot do without; a machine that lacks it skips the stage, and says so. */
  needs?: Purpose
  quick?: boolean
  /** Makes what others need. */
  first?: boolean
  /** Computes all the time and looks at no clock, so it may run aside. */
  computes?: boolean
  run: (place: Place) => Promise<Counts>
}

const root = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'drover-test-'))
/** How much longer a stage may take where others go first. */
const asideFactor = 3
const bin = (name: string): string => join(root, 'node_modules/.bin', name)

function run(
  place: Place,
  command: string,
  args: string[],
  minutes: number,
  env: NodeJS.ProcessEnv = {},
): Promise<boolean> {
  const aside = place !== 'here'
  const output = aside ? openSync(place.aside, 'a') : 'inherit'
  const [program, ...all] = aside ? ['nice', '-n', '19', command, ...args] : [command, ...args]
  const child = spawn(program!, all, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
    // A session of its own: Linux weighs sessions against one another, and `nice` only within one.
    detached: aside,
  })
  if (aside) lowerSession(child.pid)
  const end = () => {
    if (aside && child.pid) process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  }
  if (aside) beside.add(end)
  const limit = minutes * (aside ? asideFactor : 1)
  return new Promise((resolve) => {
    const over = (ok: boolean) => {
      clearTimeout(late)
      beside.delete(end)
      resolve(ok)
    }
    const late = setTimeout(() => {
      console.log(`${command} ${args.join(' ')} was not done after ${limit} minutes.`)
      end()
    }, limit * 60_000)
    child.once('error', (error) => {
      console.log(`${command} ${args.join(' ')}: ${error.message}`)
      over(false)
    })
    child.once('exit', (status) => over(status === 0))
  })
}

/** What runs aside hears no Ctrl-C: it ends with this process. */
const beside = new Set<() => void>()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
process.on('exit', () => {
  for (const end of beside) end()
})

function lowerSession(pid: number | undefined): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, '19')
  } catch {
    // Not Linux, or one that weighs processes only: then `nice` is enough.
  }
}

/** A stage that has no tests to count counts as one. */
function asOne(ok: boolean): Counts {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }
}

/** `workers`: two where nothing but the processors is shared; left alone, vitest keeps one of two for itself. */
async function vitest(place: Place, project: string, minutes: number, workers: 1 | 2 = 1): Promise<Counts> {
  const report = join(scratch, `${project}.json`)
  const args = [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    `--maxWorkers=${workers}`,
    // Two runs at once would write the same one.
    '--no-cache',
  ]
  const ok = await run(place, bin('vitest'), args, minutes)
  if (!existsSync(report)) return asOne(false)
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  )
  // A file that cannot be loaded has no failed test in it, and has failed all the same.
  const failed = Math.max(numFailedTests, numFailedTestSuites > 0 || !ok ? 1 : 0)
  return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests }
}

interface PlaywrightSuite {
  title: string
  suites?: PlaywrightSuite[]
  specs: { title: string; tests: { status: string }[] }[]
}

interface PlaywrightReport {
  stats: { expected: number; flaky: number; unexpected: number; skipped: number }
  suites: PlaywrightSuite[]
}

function shaky(suites: PlaywrightSuite[]): string[] {
  return suites.flatMap((suite) => [
    ...suite.specs
      .filter(({ tests }) => tests.some(({ status }) => status === 'flaky'))
      .map(({ title }) => `${suite.title} › ${title}`),
    ...shaky(suite.suites ?? []),
  ])
}

async function playwright(place: Place): Promise<Counts> {
  const report = join(scratch, 'e2e.json')
  const ok = await run(
    place,
    bin('playwright'),
    ['test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json'],
    25,
    {
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    },
  )
  if (!existsSync(report)) return asOne(false)
  const { stats, suites } = JSON.parse(readFileSync(report, 'utf8')) as PlaywrightReport
  for (const title of shaky(suites)) console.log(`Passed on the second try only: ${title}`)
  return {
    passed: stats.expected + stats.flaky,
    failed: Math.max(stats.unexpected, ok ? 0 : 1),
    skipped: stats.skipped,
  }
}

const stages: Stage[] = [
  {
    name: 'build',
    first: true,
    run: async (place) =>
      asOne(await run(place, bin('turbo'), ['run', 'build', '--output-logs=errors-only'], 8)),
  },
  {
    name: 'types',
    quick: true,
    computes: true,
    run: async (place) =>
      asOne(await run(place, bin('turbo'), ['run', 'typecheck', '--output-logs=errors-only'], 5)),
  },
  {
    name: 'lint',
    quick: true,
    computes: true,
    run: async (place) => asOne(await run(place, bin('biome'), ['check', '.'], 2)),
  },
  { name: 'unit', quick: true, computes: true, run: (place) => vitest(place, 'unit', 5, 2) },
  { name: 'pg', run: (place) => vitest(place, 'pg', 10) },
  { name: 'sim', computes: true, run: (place) => vitest(place, 'sim', 15, 2) },
  { name: 'libvirt', needs: 'lab', run: (place) => vitest(place, 'libvirt', 10) },
  { name: 'lab', needs: 'lab', run: (place) => vitest(place, 'lab', 30) },
  { name: 'e2e', needs: 'browser tests', run: playwright },
]

/** Why a stage cannot run on this machine, in one line; undefined when it can. */
function impossible(stage: Stage, system: SystemReport): string | undefined {
  if (stage.needs === 'lab') return labImpossible()
  const missing = system.missing.filter((item) => item.neededFor === stage.needs)
  if (missing.length === 0) return undefined
  return `this machine lacks ${missing.map((item) => `${item.what} (package ${item.package})`).join(', ')}`
}

async function main(): Promise<number> {
  const quick = process.argv.includes('--quick')
  const only = process.argv
    .find((arg) => arg.startsWith('--only='))
    ?.slice('--only='.length)
    .split(',')
  const chosen = stages.filter((stage) => (only ? only.includes(stage.name) : !quick || stage.quick))
  const system: SystemReport = chosen.some((stage) => stage.needs)
    ? await ensureSystemPackages((line) => console.log(line))
    : { present: [], missing: [] }

  const counted = new Map<string, Counts & { seconds: number }>()
  const inTurn = async (some: Stage[], aside: boolean): Promise<void> => {
    for (const stage of some) {
      const startedAt = Date.now()
      const head = `\n── ${stage.name} ${'─'.repeat(Math.max(0, 70 - stage.name.length))}`
      const kept = join(scratch, `${stage.name}.txt`)
      if (!aside) console.log(head)
      const why = impossible(stage, system)
      if (why) console.log(`Skipped: ${why}.`)
      const counts = why
        ? { passed: 0, failed: 0, skipped: 1 }
        : await stage.run(aside ? { aside: kept } : 'here')
      counted.set(stage.name, { ...counts, seconds: Math.round((Date.now() - startedAt) / 1000) })
      if (aside) console.log(`${head}\n${existsSync(kept) ? readFileSync(kept, 'utf8') : ''}`)
    }
  }
  const computing = chosen.filter(({ computes }) => computes)
  const waiting = chosen.filter(({ computes, first }) => !computes && !first)
  await inTurn(
    chosen.filter(({ first }) => first),
    false,
  )
  await Promise.all([inTurn(waiting, false), inTurn(computing, waiting.length > 0)])

  const total: Counts = { passed: 0, failed: 0, skipped: 0 }
  const lines = chosen.map(({ name }) => {
    const { passed, failed, skipped, seconds } = counted.get(name)!
    total.passed += passed
    total.failed += failed
    total.skipped += skipped
    return `${name.padEnd(8)} ${String(passed).padStart(5)} passed ${String(failed).padStart(3)} failed ${String(skipped).padStart(3)} skipped ${String(seconds).padStart(5)} s`
  })
  rmSync(scratch, { recursive: true, force: true })
  console.log(`\n${lines.join('\n')}\n`)
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  return total.failed > 0 || total.passed === 0 ? 1 : 0
}

process.exit(await main())
