import type { LoadMove, LoadProposal } from '@drover/model'
import type { BalanceMove } from '../balance/balance'
import type { BalanceGoal } from '../balance/goal'
import { whyNots } from '../balance/whyNot'
import { sayAgainst } from './say'
import { copyOfScene, moveInScene, type Scene, type SceneModel, scoreOf, sharesOf } from './scene'

/** A network of 1 Gbit/s, as it comes out: what a move is expected to take. */
const bytesPerSecond = 110e6

export interface PlanOptions {
  mayGoOn?: () => boolean
  /** Also why not the other hosts. */
  explain?: boolean
}

export interface Course {
  explain: boolean
  by: string
  automatic: boolean
  text: string
  moves: readonly BalanceMove[]
  /** Of each move, in words. */
  sayMove: (move: BalanceMove, along: readonly BalanceMove[], before: Scene, after: Scene) => string
}

/** Moves with all that explains them. */
export function propose(
  scene: Scene,
  sceneModel: SceneModel,
  goal: BalanceGoal,
  { by, automatic, text, moves, explain, sayMove }: Course,
): LoadProposal {
  const { picture } = scene
  const now = copyOfScene(scene)
  const sharesBefore = picture.hosts.map((_, i) => sharesOf(now, i))
  const before = scoreOf(now)
  const against = explain
    ? [...whyNots(sceneModel.model, goal, { moves: [...moves] })].map((others) =>
        others.map((other) => ({ host: other.host, text: sayAgainst(scene, sceneModel, other) })),
      )
    : []
  const found: LoadMove[] = []
  let score = before
  for (let i = 0; i < moves.length; ) {
    const parts = moves.filter(({ step }) => step === moves[i]!.step)
    const then = copyOfScene(now)
    for (const { vm, from, to } of parts) moveInScene(then, vm, from, to)
    const next = scoreOf(then)
    for (const [j, move] of parts.entries()) {
      const bytes = picture.vms[move.vm]!.memoryBytes
      found.push({
        vm: move.vm,
        from: move.from,
        to: move.to,
        step: move.step,
        bytes,
        seconds: Math.max(1, Math.round(bytes / bytesPerSecond)),
        before: score,
        after: next,
        text: sayMove(
          move,
          parts.filter((other) => other !== move),
          now,
          then,
        ),
        against: against[i + j] ?? [],
      })
    }
    for (const { vm, from, to } of parts) moveInScene(now, vm, from, to)
    score = next
    i += parts.length
  }
  const hosts = picture.hosts.map((_, i) => ({ before: sharesBefore[i]!, after: sharesOf(now, i) }))
  return { by, automatic, text, moves: found, sleep: [], wake: [], before, after: score, hosts }
}
