import { unpackInputs } from '@drover/engine'
import { isOpen, type LoadDecision, type MoveBudget, type Task } from '@drover/model'
import type { Checker, Scene } from './checker'
import { automaticMoves } from './load-moves'

const hourMs = 3_600_000

/** What admins have said about how much may be moved. */
export function budgets(): Checker {
  let looked = 0
  return {
    name: 'budgets and cooldowns hold',
    holds: 'No rule moves more in an hour than it may, and none moves a VM that Drover has moved too lately.',
    always(scene) {
      const { events, folded } = scene.ledger
      if (looked === events.length) return []
      const fresh = new Set(
        events.slice(looked).flatMap(({ body }) => (body.kind === 'task.created' ? [body.task.id] : [])),
      )
      looked = events.length
      if (folded.decision.size === 0 || fresh.size === 0) return []
      const moves = automaticMoves(scene)
      return moves
        .filter(({ task }) => fresh.has(task.id))
        .flatMap(({ task, decision }) => {
          const limits = limitsOf(decision)
          if (!limits) return []
          return [
            ...overBudget(
              moves.filter((move) => move.decision.by.id === decision.by.id).map((move) => move.task),
              { task, limits, scene, by: decision.by.name },
            ),
            ...tooSoon(scene, { task, decision }, limits.cooldownMs),
          ]
        })
    },
  }
}

type Move = ReturnType<typeof automaticMoves>[number]

interface Limits {
  budget: MoveBudget
  cooldownMs: number
}

/** As they were when it was decided, and `thresholds` has seen to it that they still are; power saving has none of its own. */
function limitsOf({ by, inputs }: LoadDecision): Limits | null {
  const { rules } = unpackInputs(inputs)!
  return by.id === 'balance' ? rules.balance : (rules.thresholds.find(({ id }) => id === by.id) ?? null)
}

function overBudget(
  all: Task[],
  { task, limits, scene, by }: { task: Task; limits: Limits; scene: Scene; by: string },
): string[] {
  const { movesPerHour, bytesPerHour } = limits.budget
  const slack = scene.skewMs()
  const within = all.filter(
    ({ createdAt }) => createdAt <= task.createdAt + slack && task.createdAt - createdAt < hourMs - slack,
  )
  const bytes = within.reduce(
    (sum, { vmId }) => sum + (scene.ledger.folded.vm.get(vmId ?? '')?.memoryBytes ?? 0),
    0,
  )
  if (movesPerHour !== null && within.length > movesPerHour)
    return [`${task.id} is move ${within.length} of ${by} within an hour; ${movesPerHour} are allowed`]
  if (bytesPerHour !== null && bytes > bytesPerHour)
    return [`${task.id} brings ${by} to ${bytes} bytes within an hour; ${bytesPerHour} are allowed`]
  return []
}

/** Moved by Drover for whatever reason, or tried in vain; but for what was brought to a host with too much, so that another sleeps. */
function tooSoon(scene: Scene, { task, decision }: Move, cooldownMs: number): string[] {
  for (const other of scene.ledger.folded.task.values()) {
    if (other.kind !== 'vm.migrate' || other.initiator.kind !== 'drover') continue
    if (other.vmId !== task.vmId || other.id === task.id || other.createdAt > task.createdAt) continue
    if (isOpen(other)) return [`${task.id} moves ${task.vmName} while ${other.id} does`]
    const sinceMs = task.createdAt - (other.endedAt ?? 0)
    if (sinceMs >= cooldownMs - scene.skewMs()) continue
    if (isGathering(scene, other) && wasOver(decision, task)) continue
    return [
      `${task.id} moves ${task.vmName} ${sinceMs} ms after ${other.id} (${other.state}); it is left alone for ${cooldownMs}`,
    ]
  }
  return []
}

function isGathering({ ledger }: Scene, { parentId }: Task): boolean {
  return parentId !== null && ledger.task(parentId)?.kind === 'host.sleep'
}

/** Whether the host that it leaves had too much to do when that was decided. */
function wasOver({ by, inputs }: LoadDecision, { params: { sourceId } }: Task<'vm.migrate'>): boolean {
  const { picture, rules } = unpackInputs(inputs)!
  const host = picture.hosts.find(({ id }) => id === sourceId)!
  const { limit } = rules.balance
  if (by.id !== 'balance') return true
  return host.used.cpu > limit * host.cores || host.used.memory > limit * host.memoryBytes
}
