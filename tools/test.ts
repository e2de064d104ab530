import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
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

interface Stage {
  name: string
  /** What it cannot do without; a machine that lacks it skips the stage, and says so. */
  needs?: Purpose
  quick?: boolean
  run: () => Counts
}

const root = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'drover-test-'))
const bin = (name: string): string => join(root, 'node_modules/.bin', name)

function run(command: string, args: string[], minutes: number, env: NodeJS.ProcessEnv = {}): boolean {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
    timeout: minutes * 60_000,
    killSignal: 'SIGKILL',
  })
  if (result.error) console.log(`${command} ${args.join(' ')}: ${result.error.message}`)
  return result.status === 0
}

/** A stage that has no tests to count counts as one. */
function asOne(ok: boolean): Counts {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }
}

/** `workers`: two where nothing but the processors is shared; left alone, vitest keeps one of two for itself. */
function vitest(project: string, minutes: number, workers: 1 | 2 = 1): Counts {
  const report = join(scratch, `${project}.json`)
  const args = [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    `--maxWorkers=${workers}`,
  ]
  const ok = run(bin('vitest'), args, minutes)
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

function playwright(): Counts {
  const report = join(scratch, 'e2e.json')
  const ok = run(
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
    name: 'types',
    quick: true,
    run: () => asOne(run(bin('turbo'), ['run', 'typecheck', '--output-logs=errors-only'], 5)),
  },
  { name: 'lint', quick: true, run: () => asOne(run(bin('biome'), ['check', '.'], 2)) },
  { name: 'unit', quick: true, run: () => vitest('unit', 5, 2) },
  { name: 'build', run: () => asOne(run(bin('turbo'), ['run', 'build', '--output-logs=errors-only'], 8)) },
  { name: 'pg', run: () => vitest('pg', 10) },
  { name: 'sim', run: () => vitest('sim', 15, 2) },
  { name: 'libvirt', needs: 'lab', run: () => vitest('libvirt', 10) },
  { name: 'lab', needs: 'lab', run: () => vitest('lab', 30) },
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

  const total: Counts = { passed: 0, failed: 0, skipped: 0 }
  const lines: string[] = []
  for (const stage of chosen) {
    const why = impossible(stage, system)
    const started = Date.now()
    console.log(`\n── ${stage.name} ${'─'.repeat(Math.max(0, 70 - stage.name.length))}`)
    let counts: Counts
    if (why) {
      counts = { passed: 0, failed: 0, skipped: 1 }
      console.log(`Skipped: ${why}.`)
    } else counts = stage.run()
    for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key]
    const seconds = Math.round((Date.now() - started) / 1000)
    lines.push(
      `${stage.name.padEnd(8)} ${String(counts.passed).padStart(5)} passed ${String(counts.failed).padStart(3)} failed ${String(counts.skipped).padStart(3)} skipped ${String(seconds).padStart(5)} s`,
    )
  }
  rmSync(scratch, { recursive: true, force: true })
  console.log(`\n${lines.join('\n')}\n`)
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  return total.failed > 0 || total.passed === 0 ? 1 : 0
}

process.exit(await main())
