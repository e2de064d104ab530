import type { ClusterFile } from '@drover/planner'
import highsOf from 'highs'

export interface Exact {
  /** The fewest moves; null where it was not found in time. */
  moves: number | null
  /** No plan has fewer. */
  bound: number
  certain: boolean
}

/**
 * The fewest moves after which no host uses more CPU than `limit` of what it has, nor more memory than it has, by integer
 * programming. The order of moves, and the room that they take on the way, are left out: no plan has fewer.
 */
export async function fewestMoves(file: ClusterFile, limit: number, seconds: number): Promise<Exact> {
  const highs = await highsOf()
  const solution = highs.solve(programOf(file, limit), { time_limit: seconds, output_flag: false })
  const certain = solution.Status === 'Optimal'
  const found = Number.isFinite(solution.ObjectiveValue) ? Math.round(solution.ObjectiveValue) : null
  if (solution.Status === 'Infeasible') return { moves: null, bound: Number.POSITIVE_INFINITY, certain: true }
  return { moves: found, bound: certain ? (found ?? 0) : 0, certain }
}

/** In the format of CPLEX's LP files: x_v_h is 1 when VM v moves to host h. */
function programOf({ hosts, vms, rules = [] }: ClusterFile, limit: number): string {
  const hostAt = new Map(hosts.map(({ id }, h) => [id, h]))
  const vmAt = new Map(vms.map(({ id }, v) => [id, v]))
  const home = vms.map(({ host }) => hostAt.get(host)!)
  const barred = new Set<string>()
  for (const rule of rules) {
    if (rule.kind !== 'vm-host') continue
    const named = new Set(rule.hosts?.map((id) => hostAt.get(id)!))
    for (const id of rule.vms)
      for (const h of hosts.keys())
        if (named.has(h) === (rule.relation === 'must-not')) barred.add(`${vmAt.get(id)!}_${h}`)
  }
  const may = (v: number, h: number) => h !== home[v] && !barred.has(`${v}_${h}`)
  const targets = (v: number) => [...hosts.keys()].filter((h) => may(v, h))
  const lines: string[] = []
  for (const v of vms.keys()) {
    const all = targets(v).map((h) => `x_${v}_${h}`)
    if (all.length > 0) lines.push(`${all.join(' + ')} <= 1`)
  }
  const sides: [(v: number) => number, (h: number) => number][] = [
    [(v) => vms[v]!.cpuDemandMHz, (h) => hosts[h]!.cpuMHz * limit],
    [(v) => vms[v]!.memMB, (h) => hosts[h]!.memMB],
  ]
  for (const [size, room] of sides)
    for (const h of hosts.keys()) {
      let used = 0
      const terms: string[] = []
      for (const v of vms.keys()) {
        if (size(v) === 0) continue
        if (home[v] === h) {
          used += size(v)
          for (const to of targets(v)) terms.push(`- ${size(v)} x_${v}_${to}`)
        } else if (may(v, h)) terms.push(`+ ${size(v)} x_${v}_${h}`)
      }
      if (terms.length > 0) lines.push(`${terms.join(' ')} <= ${room(h) - used}`)
    }
  for (const rule of rules) {
    if (rule.kind !== 'vm-vm') continue
    const members = rule.vms.map((id) => vmAt.get(id)!)
    for (const h of hosts.keys()) {
      const at = members.map((v) =>
        home[v] === h
          ? { fixed: 1, terms: targets(v).map((to) => ({ sign: -1, name: `x_${v}_${to}` })) }
          : { fixed: 0, terms: may(v, h) ? [{ sign: 1, name: `x_${v}_${h}` }] : [] },
      )
      const row = (parts: { fixed: number; terms: { sign: number; name: string }[]; by: number }[]) => ({
        text: parts
          .flatMap(({ terms, by }) => terms.map(({ sign, name }) => `${sign * by < 0 ? '-' : '+'} ${name}`))
          .join(' '),
        fixed: parts.reduce((sum, { fixed, by }) => sum + fixed * by, 0),
      })
      if (rule.relation === 'apart') {
        const { text, fixed } = row(at.map((part) => ({ ...part, by: 1 })))
        if (text) lines.push(`${text} <= ${1 - fixed}`)
        continue
      }
      for (const other of at.slice(1)) {
        const { text, fixed } = row([
          { ...at[0]!, by: 1 },
          { ...other, by: -1 },
        ])
        if (text) lines.push(`${text} = ${-fixed}`)
      }
    }
  }
  const names = [...vms.keys()].flatMap((v) => targets(v).map((h) => `x_${v}_${h}`))
  return `Minimize\n obj: ${names.join(' + ')}\nSubject To\n${lines.map((line, i) => ` c${i}: ${line}`).join('\n')}\nBinary\n ${names.join(' ')}\nEnd\n`
}
