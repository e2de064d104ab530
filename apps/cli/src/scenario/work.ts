import { readFileSync } from 'node:fs'
import type { Outcome } from '@drover/simulation/scenario'

/** One file to run, and the policy tags that count. */
export interface Job {
  file: string
  declared: string[]
}

/** What became of it. `ms`: real time. `broken`: the run itself failed, which no scenario should bring about. */
export type Result = { file: string; ms: number } & (Outcome | { kind: 'broken'; problem: string })

/** Runs one file. */
export async function work({ file, declared }: Job): Promise<Result> {
  const began = performance.now()
  const done = (outcome: Outcome | { kind: 'broken'; problem: string }): Result => ({
    file,
    ms: Math.round(performance.now() - began),
    ...outcome,
  })
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    return done({ kind: 'wrong', problem: `It cannot be read: ${(error as Error).message}.` })
  }
  try {
    // Loaded when it is needed: no other command needs a simulation.
    const { runText } = await import('@drover/simulation/scenario')
    return done(await runText(text, new Set(declared)))
  } catch (error) {
    return done({ kind: 'broken', problem: (error as Error).stack ?? String(error) })
  }
}

/** The life of a worker process: takes jobs from its parent, one at a time, until the parent goes. */
export function serveJobs(): void {
  process.on('message', (job: Job) => {
    void work(job).then((result) => process.send?.(result))
  })
  process.on('disconnect', () => process.exit(0))
}
