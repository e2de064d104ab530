import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BalanceGoal,
  balance,
  type ClusterFile,
  explain,
  goalOfClusterFile,
  Loads,
  modelOfClusterFile,
  movesByName,
} from '@drover/planner'
import type { Bench } from '../bench'
import { makeCluster } from './plan/cluster'
import { fewestMoves } from './plan/exact'
import { type Judged, judge } from './plan/judge'
import { quantile } from './statistics'
import { table } from './table'

/** Plans are made for so long before they are timed. */
const warmMs = 1_000

type Print = (line: string) => void

/** What a plan is asked for. Memory that is not to be evened out is not made less even either. */
interface Asked {
  aim: BalanceGoal['aim']
  memory?: boolean
  limit?: number
}

interface Measured extends Judged {
  ms: number
}

/** Plans for clusters in files and for made-up ones: how good, how long it takes, and nothing but judged by playing them. */
export const bench: Bench = {
  about:
    'balancing plans for cluster files (--dir) and made-up clusters (--clusters): time, moves, faults; overloads beside the exact fewest moves',
  options: {
    dir: '../shared/bench/balance',
    files: 'c_32_600,c_96_4000,c_96_10000,c_2500_45000',
    clusters: '12',
    rules: '40',
    seconds: '20',
    seed: '1',
  },
  async run(options, print) {
    const files = given(options.dir!, options.files!.split(','), print)
    print(
      'Plan with all reasons why not, median of 5 runs in a warm process. sd: of the hosts’ utilisation.\n',
    )
    evened(files, print)
    print(
      '\nOnly overloads removed, beside the fewest moves there can be (integer programming, order left out).\n',
    )
    await relieved(files, options, print)
    print('\nWith rules of every kind that hold at the beginning, all plans played move by move.\n')
    ruled(Number(options.rules), Number(options.seed), print)
  },
}

function given(dir: string, names: readonly string[], print: Print): Map<string, ClusterFile> {
  const root = join(import.meta.dirname, '../..', dir)
  const files = new Map<string, ClusterFile>()
  for (const name of names) {
    const path = join(root, `${name}.json`)
    if (existsSync(path)) files.set(name, JSON.parse(readFileSync(path, 'utf8')))
    else print(`There is no ${join(dir, `${name}.json`)}; it is left out.`)
  }
  if (files.size === 0)
    for (const [hosts, vms] of [
      [32, 600],
      [96, 4_000],
    ] as const)
      files.set(
        `made up ${hosts} × ${vms}`,
        makeCluster({ seed: 1, hosts, vms, memory: 0.65, cpu: 0.57, skew: 0.3, rules: 0 }),
      )
  return files
}

function evened(files: ReadonlyMap<string, ClusterFile>, print: Print): void {
  const rows = [['cluster', 'asked', 'ms', 'moves', 'GB', 'sd CPU', 'sd memory', 'over 100 %', 'faults']]
  for (const [name, file] of files)
    for (const memory of [false, true]) {
      const found = measure(file, { aim: 'spread', memory })
      rows.push([name, memory ? 'CPU, memory' : 'CPU', ...figures(found)])
    }
  for (const line of table(rows)) print(line)
}

function figures({ ms, moves, gigabytes, spreadCpu, spreadMemory, overCpu, faults }: Measured): string[] {
  const spread = [spreadCpu.toFixed(4), spreadMemory.toFixed(4)]
  return [ms.toFixed(1), `${moves}`, `${gigabytes}`, ...spread, `${overCpu}`, `${faults.length}`]
}

async function relieved(
  files: ReadonlyMap<string, ClusterFile>,
  options: Record<string, string>,
  print: Print,
): Promise<void> {
  const cases: [string, ClusterFile, number][] = []
  for (const [name, file] of files)
    if (file.hosts.length <= 32) for (const limit of [1, 0.9, 0.85]) cases.push([name, file, limit])
  const first = Number(options.seed)
  for (let seed = first; seed < first + Number(options.clusters); seed += 1) {
    const [hosts, vms, cpu] = shapes[seed % shapes.length]!
    const file = makeCluster({
      seed,
      hosts,
      vms,
      memory: 0.66,
      cpu,
      skew: 0.3,
      rules: seed % 2 === 0 ? 4 : 0,
    })
    cases.push([`seed ${seed}: ${hosts} × ${vms}${file.rules!.length > 0 ? ', rules' : ''}`, file, 1])
  }
  const rows = [['cluster', 'CPU limit', 'ms', 'moves', 'exact', 'ratio', 'over', 'faults']]
  let worst = 1
  for (const [name, file, limit] of cases) {
    const found = measure(file, { aim: 'overload', limit })
    const exact = await fewestMoves(file, limit, Number(options.seconds))
    const ratio = exact.moves === null || exact.moves === 0 ? 1 : found.moves / exact.moves
    if (exact.certain && found.mostCpu <= limit + 1e-9) worst = Math.max(worst, ratio)
    const known = exact.moves === null ? (exact.certain ? 'none can' : 'not found') : `${exact.moves}`
    const left = Math.max(0, found.mostCpu - limit)
    rows.push([
      name,
      `${limit}`,
      found.ms.toFixed(1),
      `${found.moves}`,
      exact.certain || exact.moves === null ? known : `${known} or less`,
      ratio.toFixed(2),
      left < 1e-9 ? '0' : left.toFixed(3),
      `${found.faults.length}`,
    ])
  }
  for (const line of table(rows)) print(line)
  print(`\nAt most ${worst.toFixed(2)} × the fewest.`)
}

/** Hosts, VMs, and how much CPU they use. */
const shapes: [number, number, number][] = [
  [8, 120, 0.58],
  [16, 300, 0.6],
  [24, 400, 0.62],
  [32, 600, 0.57],
  [32, 800, 0.7],
  [24, 300, 0.85],
  [12, 100, 0.9],
]

function ruled(count: number, first: number, print: Print): void {
  const faults: string[] = []
  let [plans, moves, rules] = [0, 0, 0]
  for (let seed = first; seed < first + count; seed += 1) {
    const shape = {
      hosts: 6 + ((seed * 7) % 27),
      memory: 0.6 + (seed % 4) * 0.08,
      cpu: 0.5 + (seed % 5) * 0.08,
    }
    const file = makeCluster({ seed, ...shape, vms: shape.hosts * 18, skew: 0.35, rules: 3 + (seed % 20) })
    rules += file.rules!.length
    for (const asked of [
      { aim: 'spread' },
      { aim: 'spread', memory: true },
      { aim: 'overload', limit: 0.9 },
    ] as const) {
      const found = judge(file, planOf(file, asked).moves)
      plans += 1
      moves += found.moves
      for (const fault of found.faults) faults.push(`seed ${seed}, ${asked.aim}: ${fault}`)
    }
  }
  print(`${plans} plans for ${count} clusters with ${rules} rules: ${moves} moves, ${faults.length} faults.`)
  for (const fault of faults.slice(0, 10)) print(`  ${fault}`)
  if (faults.length > 0) throw new Error('A plan was at fault.')
}

function measure(file: ClusterFile, asked: Asked): Measured {
  const times: number[] = []
  let found = planOf(file, asked)
  // Small plans are over before the process is warm.
  for (let spent = found.ms; spent < warmMs; spent += found.ms + 1) found = planOf(file, asked)
  for (let run = 0; run < 5; run += 1) {
    found = planOf(file, asked)
    times.push(found.ms)
  }
  return { ...judge(file, found.moves), ms: quantile(times, 0.5) }
}

function planOf(file: ClusterFile, { aim, memory = false, limit = 1 }: Asked) {
  const model = modelOfClusterFile(file)
  const usual = goalOfClusterFile(aim)
  const [cpu, second] = usual.metrics
  const enough = memory ? second!.enough : new Loads(model, usual).spread(1)
  const goal: BalanceGoal = {
    ...usual,
    metrics: [
      { ...cpu!, limit },
      { ...second!, enough },
    ],
  }
  const began = performance.now()
  const plan = balance(model, goal)
  explain(model, goal, plan)
  return { moves: movesByName(model, plan), ms: performance.now() - began }
}
