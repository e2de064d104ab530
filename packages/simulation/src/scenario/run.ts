import { createHash } from 'node:crypto'
import { Breach } from '../checkers'
import type { Scenario } from './format/scenario'
import { applyOp } from './ops/apply'
import type { Trace } from './trace/trace'
import { unrest } from './world/quiet'
import { Stage } from './world/stage'

/** It has to be quiet for so long before it counts as quiet. */
const quietMs = 6_000
/** Nobody waits longer than this for it to become quiet. */
const capMs = 3_000_000

export interface ScenarioRun {
  trace: Trace
  /** What operators of the timeline were refused, in words. */
  refused: string[]
  /** What the run did not come to rest of, in words. */
  restless: string[]
  /** The simulation's log, for looking into it. */
  log: string
  virtualMs: number
}

/** Runs a timeline in the simulation with the real control and agents; the same scenario gives the same trace. */
export async function runScenario(scenario: Scenario): Promise<ScenarioRun> {
  const stage = new Stage(scenario, seedOf(scenario.id))
  const { sim, recorder } = stage
  const restless: string[] = []
  try {
    await stage.begin()
    const began = sim.now()
    /** How far behind its own times the timeline is. */
    let slipMs = 0
    let previous = { at: 0, appliedAt: began }
    const until = async (at: number, settled: boolean): Promise<void> => {
      if (!settled) return void (await sim.advance(Math.max(0, at - sim.now())))
      const why = await comeToRest(stage, at)
      if (why) restless.push(`after ${Math.round(stage.seconds())} s: ${why}`)
    }
    for (const step of scenario.timeline) {
      if (step.wait === 'time') await until(previous.appliedAt + (step.at - previous.at) * 1_000, false)
      else await until(began + step.at * 1_000 + slipMs, true)
      slipMs = Math.max(slipMs, sim.now() - began - step.at * 1_000)
      previous = { at: step.at, appliedAt: sim.now() }
      recorder.add({ ev: 'step', step: step.step })
      for (const op of step.do) {
        applyOp(stage, op)
        stage.watcher.look()
      }
    }
    await until(began + scenario.end_at * 1_000 + slipMs, true)
  } catch (error) {
    if (!(error instanceof Breach)) throw error
    restless.push(error.message)
  }
  return {
    trace: { format: 'vmha-trace/1', scenario: scenario.id, events: recorder.events },
    refused: stage.refused,
    restless,
    log: sim.log.text,
    virtualMs: sim.now() - Date.UTC(2026, 0, 5, 9),
  }
}

/**
 * Lets time go by, at least until `at`, until it has been quiet for a while. Comes to what is still under way when
 * patience ends; null when it is quiet.
 */
async function comeToRest(stage: Stage, at: number): Promise<string | null> {
  const { sim } = stage
  const giveUpAt = at + capMs
  let quietSince = sim.now()
  for (;;) {
    if (stage.broken) throw stage.broken
    const why = unrest(stage)
    const now = sim.now()
    if (why) quietSince = now
    else if (now >= at && now - quietSince >= quietMs) return null
    if (now >= giveUpAt) return why
    const quietAt = Math.max(at, quietSince + quietMs)
    await sim.advance(why ? 500 : Math.min(1_000, Math.max(1, quietAt - now)))
  }
}

function seedOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32LE(0)
}
