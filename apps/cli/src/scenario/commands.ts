import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { CliError, exitCodes } from '../exit'
import { checkWritable, writeWhole } from '../output/file'
import { createOutput } from '../output/output'
import { integer } from '../output/quantity'
import { checkApart, filesOf, makeDir } from './files'
import { runAll } from './pool'
import { countOf, detailsOf, lineOf, reportOf, tiers } from './tally'
import { type Result, serveJobs } from './work'

interface RunOptions {
  traceDir?: string
  report?: string
  declare: string
  jobs: number
  output: 'table' | 'json'
}

const help = `
Runs timelines (vmha-scenario/1) and plan questions (vmha-plan/1) against Drover's own engine in a simulated
data centre. Needs no server and touches nothing real. Ends with 1 when something that must hold does not.

--declare names the policy tags that count: a list, "drover" for those that Drover has, "all", or "none".`

/** `drover scenario …`: works without a server. */
export function scenarioCommands(program: Command): void {
  const scenario = program
    .command('scenario')
    .description('what would happen: failures rehearsed in a simulation')

  scenario
    .command('run')
    .description('run scenarios and judge what comes of them')
    .argument('<file...>', 'scenarios, plan questions, or directories of them')
    .option('--trace-dir <dir>', 'write a trace of every timeline and an answer to every question here')
    .option('--report <file>', 'write everything that was judged here, as JSON')
    .option('--declare <tags>', 'policy tags that count, with commas between them', 'drover')
    .option('--jobs <n>', 'so many at once', integer, Math.min(4, availableParallelism()))
    .addHelpText('after', help)
    .action(async (files: string[], _options: unknown, command: Command) => {
      const options = command.optsWithGlobals() as RunOptions
      const out = createOutput(options.output)
      try {
        process.exitCode = await run(filesOf(files), options, out)
      } catch (error) {
        if (!(error instanceof CliError)) throw error
        out.error(error)
        process.exitCode = error.code
      }
    })

  scenario.command('work', { hidden: true }).action(serveJobs)
}

async function run(
  files: string[],
  options: RunOptions,
  out: ReturnType<typeof createOutput>,
): Promise<number> {
  const { declaredTags } = await import('@drover/simulation/scenario')
  const declared = tagsOf(options.declare, Object.keys(declaredTags))
  checkApart(files, options)
  if (options.traceDir) makeDir(options.traceDir)
  if (options.report) checkWritable(options.report)
  const results: Result[] = []
  const jobs = files.map((file) => ({ file, declared }))
  await runAll(jobs, options.jobs, (result) => {
    results.push(result)
    keep(result, options.traceDir)
    if (!out.json)
      for (const line of [lineOf(result), ...detailsOf(result)]) process.stdout.write(`${line}\n`)
  })
  const report = reportOf(results, declared)
  if (options.report) writeWhole(options.report, `${JSON.stringify(report, null, 2)}\n`)
  out.say(summary(results), report)
  const must = countOf(results, 'must')
  if (results.some(({ kind }) => kind === 'wrong')) return exitCodes.usage
  return must.held < must.of || results.some(({ kind }) => kind === 'broken')
    ? exitCodes.failed
    : exitCodes.ok
}

function tagsOf(text: string, own: string[]): string[] {
  if (text === 'none') return []
  return text.split(',').flatMap((tag) => (tag.trim() === 'drover' ? own : tag.trim() || []))
}

function keep(result: Result, dir: string | undefined): void {
  if (!dir) return
  const to = join(dir, basename(result.file))
  if (result.kind === 'ran') writeWhole(to, `${JSON.stringify(result.trace)}\n`)
  if (result.kind === 'answered') writeWhole(to, `${JSON.stringify(result.answer)}\n`)
}

function summary(results: readonly Result[]): string {
  const counts = tiers.map((tier) => {
    const { held, of } = countOf(results, tier)
    return `${tier} ${held} of ${of}`
  })
  const skipped = results.filter(({ kind }) => kind === 'skipped').length
  const judged = results.filter(({ kind }) => kind === 'ran' || kind === 'answered').length
  return `${judged} run: ${counts.join(', ')}.${skipped > 0 ? ` ${skipped} skipped; why is said above.` : ''}`
}
