import {
  type Cluster,
  type DecidedBy,
  type DecisionMove,
  type DecisionPower,
  defaultPowerSettings,
  isOpen,
  isOpenDecision,
  type LoadDecision,
  sayOutcome,
  sayRefusals,
  type Task,
  type TaskId,
  type World,
  withinWindows,
} from '@drover/model'
import { whyNoLonger } from '@drover/planner'
import { busyWith, failures } from '../balance/calm'
import { balanceOf } from '../balance/settings'
import type { Context } from '../context'
import { accept, type Decision } from '../decision'
import { sayUnasked } from '../host/sleep/unasked'
import type { Started } from '../task/create'
import { decideMigrate } from '../vm/migrate'
import { Changes } from '../world/changes'
import { put } from '../world/rows'
import { decisionRef, endDecision } from './end'
import { loadPicture } from './picture'
import { emptying, startPower } from './powerPart'
import { loadRules } from './rules'
import { waysIn } from './ways'

/** Whether anything is being carried out. */
export function carriesOn(world: World): boolean {
  for (const { state } of world.tables.decision.values()) if (state === 'running') return true
  return false
}

/**
 * Moves the decisions on that are being carried out: takes note of the parts that have ended, and begins the next ones after
 * asking the live world again whether they still fit. Everything is in the rows: after a crash it goes on the same.
 */
export function decideCarryOn(world: World, ctx: Context): Decision {
  const changes = new Changes(world, ctx)
  for (const decision of [...world.tables.decision.values()])
    if (isOpenDecision(decision) && decision.state === 'running') carryOn(changes, decision)
  return accept(changes.events, null)
}

function carryOn(changes: Changes, decision: LoadDecision): void {
  let row = noteEnded(changes, decision)
  const cluster = changes.world.tables.cluster.get(row.clusterId)
  const parts = () => [...row.moves, ...row.power]
  const failed = parts().find(({ state }) => state === 'failed')
  if (parts().some((part) => part.state === 'open' && isChosen(part))) {
    const stop = failed?.why ?? (cluster ? whyStop(changes, cluster, row) : 'The cluster is gone.')
    if (!stop) {
      if (!waits(changes.world, row)) beginNext(changes, row)
      return
    }
    row = dropOpen(changes, row, stop)
  }
  if (parts().some(({ state }) => state === 'running')) return
  if (failed) endDecision(changes, row, 'failed', `${failed.why} What is left of it is worked out afresh.`)
  else finish(changes, row)
}

/** What was chosen and is not begun is left. */
function dropOpen(changes: Changes, decision: LoadDecision, why: string): LoadDecision {
  let row = decision
  for (const list of ['moves', 'power'] as const)
    for (const [i, part] of row[list].entries())
      if (part.state === 'open' && isChosen(part)) row = told(changes, row, list, i, 'dropped', why)
  return row
}

/** Everything that was chosen is done. What was not chosen of it is a recommendation again. */
function finish(changes: Changes, decision: LoadDecision): void {
  const parts = [...decision.moves, ...decision.power]
  const dropped = parts.find(({ state }) => state === 'dropped')
  if (dropped) {
    endDecision(changes, decision, 'superseded', dropped.why ?? 'What is left of it no longer fits.')
    return
  }
  if (parts.every(({ state }) => state === 'done')) {
    endDecision(changes, decision, 'done', 'It is carried out.')
    return
  }
  const moves = decision.moves.map(({ chosen: _, ...move }): DecisionMove => move)
  const row: LoadDecision = { ...decision, state: 'open', moves }
  const text = `${decision.by.name}: what was chosen is done; the rest is recommended as before.`
  changes.say(
    { kind: 'decision.part', decision: decisionRef(row), about: decisionRef(row), state: 'open', text },
    [put('decision', row)],
  )
}

/** Why nothing more of it is begun, in words; null: nothing stands in the way. */
function whyStop(changes: Changes, cluster: Cluster, decision: LoadDecision): string | null {
  const { world, now } = changes
  if (onlyWakes(decision)) return null
  // Somebody who applies a recommendation wants it, whatever is switched on.
  const stop = decision.automatic ? whyRuleStops(world, cluster, decision.by, now) : null
  return stop ?? failures(world, cluster, now)
}

/** Whether what others do in the cluster comes first. That is soon over, and each step is asked again whether it still helps. */
function waits(world: World, decision: LoadDecision): boolean {
  if (onlyWakes(decision)) return false
  const own = new Set([...decision.moves, ...decision.power].flatMap(({ taskId }) => taskId ?? []))
  return busyWith(world, { id: decision.clusterId }, own) !== null
}

/** Waking is never wrong. */
function onlyWakes({ moves, power }: LoadDecision): boolean {
  return moves.length === 0 && power.every(({ act }) => act === 'wake')
}

/** Why a rule does nothing more by itself, in words: it is off, another one by now, or its time of day is over. */
function whyRuleStops(
  world: World,
  cluster: Cluster,
  { id, version }: DecidedBy,
  now: number,
): string | null {
  const balance = balanceOf(cluster)
  const power = cluster.power ?? defaultPowerSettings
  if (id === 'power' ? power.mode !== 'full' : balance.mode === 'off')
    return `${id === 'power' ? 'Power saving' : 'Balancing'} of ${cluster.name} was switched off.`
  const threshold = world.tables.threshold.get(id)
  const rule = id === 'power' ? power : id === 'balance' ? balance : threshold
  if (!rule || threshold?.enabled === false) return 'The rule was switched off.'
  if (rule.version !== version) return 'The rule was changed meanwhile.'
  if (!withinWindows(rule.windows, now)) return 'It is done by itself only at the times that were set.'
  return null
}

/** Takes note of tasks that have ended. */
function noteEnded(changes: Changes, decision: LoadDecision): LoadDecision {
  let row = decision
  const note = <P extends DecisionMove | DecisionPower>(part: P): P => {
    if (part.state !== 'running') return part
    const task = part.taskId ? changes.get('task', part.taskId) : undefined
    if (task && isOpen(task)) return part
    const [state, why] = endOf(changes.world, part, task)
    return { ...part, state, why }
  }
  const moves = row.moves.map(note)
  const power = row.power.map(note)
  for (const [i, move] of moves.entries())
    if (move !== row.moves[i]) row = told(changes, row, 'moves', i, move.state as 'done' | 'failed', move.why)
  for (const [i, part] of power.entries())
    if (part !== row.power[i]) row = told(changes, row, 'power', i, part.state as 'done' | 'failed', part.why)
  return row
}

function endOf(
  world: World,
  part: DecisionMove | DecisionPower,
  task: Task | undefined,
): ['done' | 'failed', string | null] {
  if (task?.state === 'succeeded') return ['done', null]
  // It was only on its way to sleep: that was called off.
  if (task?.kind === 'host.sleep' && 'act' in part && part.act === 'wake')
    if (world.tables.host.get(part.host.id)?.mode !== 'standby') return ['done', null]
  if (task) return ['failed', task.outcome ? sayOutcome(task.outcome) : 'It was cancelled.']
  // The task is long forgotten; where the VM is tells how it ended.
  if ('vm' in part && world.tables.vm.get(part.vm.id)?.hostId === part.target.id) return ['done', null]
  return ['failed', 'How it ended is not known.']
}

/** Writes a part's new state, and tells of it. */
function told(
  changes: Changes,
  decision: LoadDecision,
  list: 'moves' | 'power',
  index: number,
  state: 'running' | 'done' | 'failed' | 'dropped',
  why: string | null,
  taskId?: TaskId | null,
): LoadDecision {
  const part = decision[list][index]!
  const next = { ...part, state, why, ...(taskId === undefined ? {} : { taskId }) }
  const row = {
    ...decision,
    [list]: decision[list].map((one, i) => (i === index ? next : one)),
  } as LoadDecision
  const about = 'vm' in part ? part.vm : part.host
  const what =
    'vm' in part
      ? `moving ${part.vm.name} from ${part.source.name} to ${part.target.name}`
      : `${part.act === 'wake' ? 'waking' : 'putting to sleep'} ${part.host.name}`
  const words = { running: 'begins', done: 'is done', failed: 'failed', dropped: 'is left' }[state]
  const text = `${decision.by.name}: ${what} ${words}${why ? `: ${why}` : '.'}`
  changes.say(
    { kind: 'decision.part', decision: decisionRef(row), about, state, text },
    [put('decision', row)],
    {
      taskId: next.taskId,
    },
  )
  return row
}

function isChosen(part: DecisionMove | DecisionPower): boolean {
  return !('chosen' in part) || part.chosen !== false
}

/**
 * Begins what comes next: wakes at once; moves step by step, as many at once as the cluster allows; hosts sleep one after the
 * other when all other moves are done. A step that is refused while another is under way waits for it; else what is left no
 * longer fits.
 */
export function beginNext(changes: Changes, decision: LoadDecision): void {
  let row = decision
  for (const [i, part] of row.power.entries())
    if (part.act === 'wake' && part.state === 'open')
      row = take(changes, row, 'power', i, startPower(changes.world, row, part, inNameOf(row, changes.ctx)))
  const sleeping = new Set(row.power.flatMap(({ act, host }) => (act === 'sleep' ? [host.id] : [])))
  const moves = row.moves.filter(({ source }) => !sleeping.has(source.id))
  const open = moves.filter((move) => move.state === 'open' && isChosen(move))
  const running = moves.filter(({ state }) => state === 'running').length
  if (open.length > 0) beginStep(changes, row, open, running)
  else if (running === 0 && !moves.some(({ state }) => state === 'failed')) beginSleep(changes, row)
}

function beginStep(
  changes: Changes,
  decision: LoadDecision,
  open: readonly DecisionMove[],
  running: number,
): void {
  let row = decision
  const cluster = changes.world.tables.cluster.get(row.clusterId)!
  const step = Math.min(...open.map((move) => move.step))
  const parts = open.filter((move) => move.step === step)
  if (running > 0 && running + parts.length > balanceOf(cluster).movesAtOnce) return
  const begun = begins(changes, cluster, row, parts)
  if (typeof begun === 'string') {
    if (running === 0) dropStep(changes, row, parts, begun)
    return
  }
  for (const { move, started } of begun) row = take(changes, row, 'moves', indexOf(row, move), started)
}

/** A host that sleeps makes the moves that empty it itself. */
function beginSleep(changes: Changes, decision: LoadDecision): void {
  if (decision.power.some(({ state, act }) => act === 'sleep' && state === 'running')) return
  const index = decision.power.findIndex(({ state, act }) => act === 'sleep' && state === 'open')
  const part = decision.power[index]
  if (!part) {
    const parts = [...decision.moves, ...decision.power]
    if (!parts.some(({ state }) => state === 'running' || state === 'open')) finish(changes, decision)
    return
  }
  const started = startPower(changes.world, decision, part, inNameOf(decision, changes.ctx))
  let row = take(changes, decision, 'power', index, started)
  if (!started.ok) {
    endDecision(changes, row, 'superseded', sayRefusals(started.refusals))
    return
  }
  for (const move of emptying(row, part)) {
    const { state, source, target, vm } = move
    if (state !== 'open') continue
    const next: DecisionMove = { ...move, state: 'running', taskId: started.value.taskId }
    const at = indexOf(row, move)
    row = { ...row, moves: row.moves.map((one, i) => (i === at ? next : one)) }
    const text = `${row.by.name}: moving ${vm.name} from ${source.name} to ${target.name} begins.`
    changes.say({ kind: 'decision.part', decision: decisionRef(row), about: vm, state: 'running', text }, [
      put('decision', row),
    ])
  }
}

/** Whose the tasks are: of whoever applied a recommendation, also those that are begun later. */
function inNameOf({ by }: LoadDecision, ctx: Context): Context {
  return by.applied ? { ...ctx, initiator: by.applied } : ctx
}

function indexOf({ moves }: LoadDecision, { vm, step }: DecisionMove): number {
  return moves.findIndex((one) => one.vm.id === vm.id && one.step === step)
}

/** The tasks of one step, all of them; or why not, in words. */
function begins(
  changes: Changes,
  cluster: Cluster,
  row: LoadDecision,
  parts: readonly DecisionMove[],
): { move: DecisionMove; started: Decision<Started> }[] | string {
  const { world, now, ctx } = changes
  const rules = loadRules(world, cluster)
  const picture = loadPicture(world, cluster, rules, now, { loadsOnly: true })
  if (!picture) return 'It is not known any more what every host uses.'
  const ways = waysIn(picture, parts)
  if (ways.length < parts.length) return 'A VM or a host that it speaks of is not where it was.'
  for (const { vm } of ways) {
    const { name, fixed, automation } = picture.vms[vm]!
    if (fixed) return `${name} is left where it is: ${fixed.replace(/\.$/, '')}.`
    if (row.automatic && automation !== 'full') return `${sayUnasked(name, automation)}.`
  }
  const no = whyNoLonger(picture, rules, row.by.id, ways)
  if (no) return no
  const decided = parts.map((move) => {
    const input = {
      vmId: move.vm.id,
      targetId: move.target.id,
      method: 'live' as const,
      reason: row.person ? `${move.text} Applied by ${row.person}.` : move.text,
      along: parts.flatMap((other) =>
        other !== move && other.target.id === move.target.id ? [other.vm.id] : [],
      ),
    }
    return { move, started: decideMigrate(world, input, inNameOf(row, ctx)) }
  })
  const refused = decided.flatMap(({ started }) => (started.ok ? [] : started.refusals))
  return refused.length > 0 ? sayRefusals(refused) : decided
}

function take(
  changes: Changes,
  row: LoadDecision,
  list: 'moves' | 'power',
  index: number,
  started: Decision<Started>,
): LoadDecision {
  if (!started.ok) return told(changes, row, list, index, 'dropped', sayRefusals(started.refusals))
  changes.add(started.change)
  return told(changes, row, list, index, 'running', null, started.value.taskId)
}

function dropStep(changes: Changes, row: LoadDecision, parts: readonly DecisionMove[], why: string): void {
  let next = row
  for (const part of parts) next = told(changes, next, 'moves', indexOf(next, part), 'dropped', why)
  endDecision(changes, next, 'superseded', why)
}
