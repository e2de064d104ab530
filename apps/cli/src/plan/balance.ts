import { readFileSync } from 'node:fs'
import { sayBytes, sayCount } from '@drover/model'
import {
  type BalancePlan,
  balance,
  goalOfClusterFile,
  type HostAgainst,
  type Model,
  modelOfClusterFile,
  movesByName,
  type Score,
  whyNots,
} from '@drover/planner'
import { z } from 'zod'
import { CliError, type ExitCode, exitCodes } from '../exit'
import { createOutput } from '../output/output'
import { table } from '../output/table'

export interface BalanceFileOptions {
  aim: 'spread' | 'overload'
  cpu: number
  memory: number
  ignoreMemory?: boolean
  limit: number
  maxMoves?: number
  budget?: number
  explain?: boolean
  output: 'table' | 'json'
}

const id = z.string().min(1)
const amount = z.number().nonnegative()

const fileSchema = z.object({
  format: z.literal('bal-cluster/1'),
  hosts: z.array(z.object({ id, cpuMHz: amount, memMB: amount })).min(1),
  vms: z.array(z.object({ id, memMB: amount, cpuDemandMHz: amount, host: id })),
  rules: z
    .array(
      z.object({
        id,
        kind: z.enum(['vm-vm', 'vm-host']),
        relation: z.enum(['apart', 'together', 'must', 'must-not']),
        vms: z.array(id),
        hosts: z.array(id).optional(),
      }),
    )
    .optional(),
})

const mib = 1024 ** 2

/** Plans the balance of the cluster in a file, and prints it. */
export function balanceFile(path: string, options: BalanceFileOptions): ExitCode {
  const out = createOutput(options.output)
  try {
    const model = read(path)
    const goal = goalOf(options)
    const began = performance.now()
    const { budget } = options
    const mayGoOn = budget === undefined ? undefined : () => performance.now() - began < budget
    const plan = balance(model, goal, mayGoOn ? { mayGoOn } : {})
    const reasons = options.explain ? [...whyNots(model, goal, plan)] : null
    const plannedMs = Math.round((performance.now() - began) * 10) / 10
    out.say(say(model, plan, reasons), {
      format: 'bal-plan/1',
      plannedMs,
      stopped: plan.stopped,
      before: scoreOf(plan.before),
      after: scoreOf(plan.after),
      moves: movesByName(model, plan).map((move, i) => ({
        ...move,
        ...(reasons ? explained(model, plan, i, reasons[i]!) : {}),
      })),
    })
    return exitCodes.ok
  } catch (error) {
    const failure =
      error instanceof CliError ? error : new CliError(exitCodes.usage, (error as Error).message)
    out.error(failure)
    return failure.code
  }
}

function read(path: string): Model {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new CliError(exitCodes.usage, `${path} cannot be read: ${(error as Error).message}.`)
  }
  const parsed = fileSchema.safeParse(json)
  if (!parsed.success) {
    const { path: at, message } = parsed.error.issues[0]!
    throw new CliError(exitCodes.usage, `${path} is no cluster file: ${at.join('.')}: ${message}.`)
  }
  return modelOfClusterFile(parsed.data)
}

/** A hair below what was asked for, so that rounding does not bring it above. */
const hair = 0.001

function goalOf({ aim, cpu, memory, ignoreMemory, limit, maxMoves }: BalanceFileOptions) {
  const goal = goalOfClusterFile(aim)
  const [cpuMetric, memoryMetric] = goal.metrics
  return {
    ...goal,
    metrics: [
      { ...cpuMetric!, enough: Math.max(0, cpu - hair), limit },
      ...(ignoreMemory ? [] : [{ ...memoryMetric!, enough: Math.max(0, memory - hair) }]),
    ],
    ...(maxMoves === undefined ? {} : { maxMoves }),
  }
}

function scoreOf({ total, spread, over }: Score) {
  return { total, spreadCpu: spread[0]!, spreadMemory: spread[1] ?? null, overCpu: over[0]! }
}

function explained(model: Model, { moves }: BalancePlan, index: number, others: readonly HostAgainst[]) {
  const { before, after, step, vm } = moves[index]!
  return {
    step,
    memoryMB: model.vms[vm]!.size[0]!,
    before: scoreOf(before),
    after: scoreOf(after),
    reason: `${spreads(before)} before, ${spreads(after)} after`,
    whyNot: others.map(({ host, reason }) => ({
      host: model.hosts[host]!.name,
      reason: sayWhyNot(model, reason),
    })),
  }
}

function spreads({ spread, over }: Score): string {
  const parts = spread.map((share, m) => `${m === 0 ? 'CPU' : 'memory'} ${(share * 100).toFixed(2)} % apart`)
  if (over[0]! > 0) parts.push(`${(over[0]! * 100).toFixed(1)} % of a host over the limit`)
  return parts.join(', ')
}

function sayWhyNot(model: Model, reason: HostAgainst['reason']): string {
  switch (reason.code) {
    case 'closed':
      return 'takes no VMs'
    case 'ineligible':
      return 'could not run it'
    case 'short':
      return `${sayBytes((reason.needed - reason.free) * mib)} of memory short`
    case 'rule':
      return `rule ${model.rules[reason.rule]!.relation} forbids it`
    case 'wish':
      return 'a rule that should hold speaks against it'
    default:
      return reason.gain > 0
        ? `would better the score by ${reason.gain.toFixed(5)}, the chosen host does by ${reason.chosen.toFixed(5)}`
        : 'would make the load more uneven'
  }
}

function say(model: Model, plan: BalancePlan, reasons: HostAgainst[][] | null): string {
  const bytes = plan.moves.reduce((sum, { vm }) => sum + model.vms[vm]!.size[0]! * mib, 0)
  const lines = [
    `Now: ${spreads(plan.before)}.`,
    `Then: ${spreads(plan.after)}, with ${sayCount(plan.moves.length, 'move')} and ${sayBytes(bytes)} of memory.`,
  ]
  if (plan.moves.length > 0)
    lines.push(
      '',
      table(plan.moves, [
        { title: 'vm', of: ({ vm }) => model.vms[vm]!.name },
        { title: 'from', of: ({ from }) => model.hosts[from]!.name },
        { title: 'to', of: ({ to }) => model.hosts[to]!.name },
        { title: 'memory', of: ({ vm }) => sayBytes(model.vms[vm]!.size[0]! * mib), right: true },
        { title: 'after it', of: ({ after }) => spreads(after) },
      ]),
    )
  for (const [i, others] of (reasons ?? []).entries()) {
    lines.push('', `Why ${model.vms[plan.moves[i]!.vm]!.name} goes nowhere else:`)
    for (const { host, reason } of others)
      lines.push(`  ${model.hosts[host]!.name}: ${sayWhyNot(model, reason)}`)
  }
  return lines.join('\n')
}
