import { type Cluster, refOf, type World } from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision } from '../decision'
import { decideMigrate } from '../vm/migrate'
import { Changes } from '../world/changes'
import { put } from '../world/rows'
import { unrest } from './calm'
import { balanceOf, isWorthwhile, planBalance, recommendation, sayUneven } from './recommend'

/** Whether any cluster is to be looked at by `decideBalance` at all. */
export function balances(world: World): boolean {
  for (const cluster of world.tables.cluster.values())
    if (balanceOf(cluster).mode === 'full' || balanceOf(cluster).unevenSince !== null) return true
  return false
}

/**
 * Evens out the load of clusters that are to do so by themselves. Only when all is quiet, and only after a plan of moves
 * would have helped at every look for as long as the cluster's hold time; then the first few moves of the plan begin, as
 * ordinary migrations. The next round is worked out afresh, after another hold time. Since when loads have been uneven is
 * on the cluster's row: a new leader goes on from there.
 */
export function decideBalance(world: World, ctx: Context, mayGoOn?: () => boolean): Decision {
  const changes = new Changes(world, ctx)
  for (const cluster of world.tables.cluster.values()) {
    const { mode, unevenSince } = balanceOf(cluster)
    if (mode === 'full') balanceCluster(changes, cluster, mayGoOn)
    else if (unevenSince !== null) note(changes, cluster, null, null)
  }
  return accept(changes.events, null)
}

function balanceCluster(changes: Changes, cluster: Cluster, mayGoOn?: () => boolean): void {
  const { world, now } = changes
  const { holdMs, unevenSince, movesAtOnce } = balanceOf(cluster)
  // While something is wrong or moves, loads say nothing about what is to come: counting begins again.
  const found = unrest(world, cluster, now) === null ? planBalance(world, cluster, now, mayGoOn) : null
  if (!found || !isWorthwhile(cluster, found.plan)) {
    note(changes, cluster, null, null)
    return
  }
  const { picture, plan } = found
  if (unevenSince === null) {
    note(changes, cluster, now, sayUneven(cluster, plan.before))
    return
  }
  if (now - unevenSince < holdMs) return
  let begun = 0
  for (let i = 0; i < plan.moves.length; ) {
    const { step } = plan.moves[i]!
    const size = plan.moves.filter((move) => move.step === step).length
    // What belongs together begins together, or not at all; what is too much for one round comes alone.
    if (begun > 0 && begun + size > movesAtOnce) break
    const decided = plan.moves.slice(i, i + size).map((move, j) => {
      const input = {
        vmId: picture.vms[move.vm]!.id,
        targetId: picture.hosts[move.to]!.id,
        method: 'live' as const,
        reason: recommendation(world, picture, plan, i + j).reason,
        along: plan.moves
          .slice(i, i + size)
          .flatMap((other) => (other !== move && other.to === move.to ? [picture.vms[other.vm]!.id] : [])),
      }
      return decideMigrate(world, input, changes.ctx)
    })
    if (decided.some(({ ok }) => !ok)) break
    for (const one of decided) if (one.ok) changes.add(one.change)
    begun += size
    i += size
    if (begun >= movesAtOnce) break
  }
  if (begun > 0) note(changes, cluster, null, null)
}

/** Writes down since when the load has been uneven, where that changes. */
function note(changes: Changes, cluster: Cluster, since: number | null, text: string | null): void {
  const settings = balanceOf(cluster)
  if ((settings.unevenSince === null) === (since === null)) return
  const row: Cluster = { ...cluster, balance: { ...settings, unevenSince: since } }
  const say =
    text ??
    `The load of ${cluster.name} is no longer waited for: it is even, moved, or something comes first.`
  changes.say({ kind: 'cluster.uneven', cluster: refOf(row), uneven: since !== null, text: say }, [
    put('cluster', row),
  ])
}
