import {
  type LoadMemory,
  type LoadPicture,
  type LoadRules,
  type LoadVm,
  type MoveBudget,
  sayBytes,
  sayCount,
  withinWindows,
} from '@drover/model'
import type { BalanceMove } from '../balance/balance'
import type { Guard } from './scene'

const hour = 3_600_000

/**
 * For how long (ms) a VM is still left alone after it was moved last; 0: it is not. `over`: its host has too much to do, so that
 * what was brought there for others to sleep need not wait.
 */
export function restMs({ movedAt, gathered }: LoadVm, at: number, cooldownMs: number, over: boolean): number {
  if (movedAt === null || (over && gathered)) return 0
  // What is only being moved counts as moved in the far future.
  return Math.min(cooldownMs, Math.max(0, movedAt + cooldownMs - at))
}

/** Why a VM is not moved by a rule now, in words; null: it may be. `over`: as for its rest. */
export function whyFixed(vm: LoadVm, at: number, cooldownMs: number, over: boolean): string | null {
  if (vm.fixed) return vm.fixed
  if (vm.towards >= 0) return 'it is being moved already'
  if (restMs(vm, at, cooldownMs, over) > 0)
    return 'it was moved, or could not be, so lately that it is left alone'
  return null
}

/** As many moves, whole steps in order, as the hour's budget has left; and what is said where it has not enough. */
export function withinBudget(
  { at, vms }: LoadPicture,
  memory: LoadMemory,
  by: string,
  { movesPerHour, bytesPerHour }: MoveBudget,
  moves: readonly BalanceMove[],
): { moves: BalanceMove[]; held: string | null } {
  const past = memory.moves.filter((move) => move.by === by && at - move.at < hour)
  let count = past.length
  let bytes = past.reduce((sum, move) => sum + move.bytes, 0)
  const taken: BalanceMove[] = []
  for (let i = 0; i < moves.length; ) {
    const parts = moves.filter(({ step }) => step === moves[i]!.step)
    const size = parts.reduce((sum, { vm }) => sum + vms[vm]!.memoryBytes, 0)
    const over =
      movesPerHour !== null && count + parts.length > movesPerHour
        ? `${sayCount(movesPerHour, 'move')} an hour`
        : bytesPerHour !== null && bytes + size > bytesPerHour
          ? `${sayBytes(bytesPerHour)} an hour`
          : null
    if (over) {
      const left = sayCount(moves.length - taken.length, 'move')
      return { moves: taken, held: `${left} more would be made; the budget of ${over} is used up.` }
    }
    taken.push(...parts)
    count += parts.length
    bytes += size
    i += parts.length
  }
  return { moves: taken, held: null }
}

/** Each move is explained for every host: in larger clusters fewer moves are proposed at once. */
export function mostMoves({ hosts }: LoadPicture): number {
  return Math.min(200, Math.max(10, Math.floor(20_000 / Math.max(1, hosts.length))))
}

/** So many moves, whole steps in order; the first step in any case. */
export function firstOf(moves: readonly BalanceMove[], most: number): BalanceMove[] {
  const taken: BalanceMove[] = []
  for (let i = 0; i < moves.length; ) {
    const parts = moves.filter(({ step }) => step === moves[i]!.step)
    if (taken.length > 0 && taken.length + parts.length > most) break
    taken.push(...parts)
    i += parts.length
  }
  return taken
}

/**
 * How far hosts may be filled for the sake of anything: under what thresholds call relieved, so that one rule does not
 * undo another. `except`: the threshold that asks, which sees to its own.
 */
export function guardsOf(picture: LoadPicture, rules: LoadRules, except: string | null): Guard[] {
  const guards = new Map<string, Guard & { names: string[] }>()
  for (const rule of rules.thresholds) {
    if (!rule.enabled || rule.id === except || !withinWindows(rule.windows, picture.at)) continue
    let guard = guards.get(rule.metric)
    if (!guard) {
      const limits = new Float64Array(picture.hosts.length).fill(Number.POSITIVE_INFINITY)
      const names: string[] = picture.hosts.map(() => '')
      guard = { metric: rule.metric, limits, names, whose: (host) => `the rule "${names[host]}"` }
      guards.set(rule.metric, guard)
    }
    for (const [host, { id }] of picture.hosts.entries()) {
      if ((rule.hostIds.length > 0 && !rule.hostIds.includes(id)) || guard.limits[host]! <= rule.until)
        continue
      guard.limits[host] = rule.until
      guard.names[host] = rule.name
    }
  }
  return [...guards.values()]
}

/** CPU and memory up to what the balance calls overloaded; where a guard says less, that. */
export function withLimit(picture: LoadPicture, limit: number, guards: readonly Guard[]): Guard[] {
  const all = [...guards]
  for (const metric of ['cpu', 'memory'] as const) {
    const at = all.findIndex((guard) => guard.metric === metric)
    const given = all[at]
    const limits = Float64Array.from(picture.hosts, (_, host) =>
      Math.min(limit, given?.limits[host] ?? limit),
    )
    const whose = (host: number) =>
      given && given.limits[host]! <= limit ? given.whose(host) : 'this cluster for its hosts'
    if (given) all[at] = { metric, limits, whose }
    else all.push({ metric, limits, whose })
  }
  return all
}
