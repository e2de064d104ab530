import {
  type BalanceGoal,
  buildModel,
  type ConsolidationCase,
  clusterExportSchema,
  consolidationOfModel,
  consolidationOfPicture,
  goalOfClusterFile,
  inputOf,
  Loads,
  type Model,
  modelOfClusterFile,
  modelOfScene,
  moveCost,
  pictureOfExport,
  sceneOf,
} from '@drover/planner'
import { z } from 'zod'
import { CliError, exitCodes } from '../exit'
import { textOf } from '../output/read'

/** What is to be reached; what is left out is as the file says, or as usual for its format. */
export interface Wishes {
  aim?: 'spread' | 'overload'
  cpu?: number
  memory?: number
  limit?: number
  limitMemory?: number
  maxMoves?: number
}

/** A cluster from a file, ready to be planned for. */
export interface PlanCase {
  model: Model
  /** One unit of the model's first resource, memory, in bytes. */
  memoryUnit: number
  movable: (vm: number) => boolean
  goal: (wishes: Wishes) => BalanceGoal
  consolidation: ConsolidationCase
  /** So many hosts have to stay awake, and so many may fail at once. */
  minAwake: number
  failures: number
  /** What a rule is called. */
  ruleName: (rule: number) => string
}

const id = z.string().min(1)
/** Beyond this numbers are no longer exact. */
const amount = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER)
const capacity = amount.min(0.001)

const balanceFile = z.object({
  format: z.literal('bal-cluster/1'),
  hosts: z.array(z.object({ id, cpuMHz: capacity, memMB: capacity })).min(1),
  vms: z.array(z.object({ id, memMB: amount, cpuDemandMHz: amount, host: id })),
  rules: z
    .array(
      z.discriminatedUnion('kind', [
        z.object({
          id,
          kind: z.literal('vm-vm'),
          relation: z.enum(['apart', 'together']),
          vms: z.array(id),
          hosts: z.array(id).optional(),
        }),
        z.object({
          id,
          kind: z.literal('vm-host'),
          relation: z.enum(['must', 'must-not']),
          vms: z.array(id),
          hosts: z.array(id).min(1),
        }),
      ]),
    )
    .optional(),
})

const gib = 1024 ** 3
/** A hair below what was asked for, so that rounding does not bring it above. */
const hair = 0.0001

/** Reads a cluster file of either format. Throws a sentence that names the field and the remedy. */
export function readCase(path: string): PlanCase {
  const json = parsed(textOf(path), path)
  const format = (json as { format?: unknown } | null)?.format
  try {
    if (format === 'bal-cluster/1') return ofBalanceFile(checked(balanceFile, json))
    if (format === 'drover-cluster/1') return ofExport(checked(clusterExportSchema, json))
  } catch (error) {
    throw wrong(`${path} is no cluster file: ${(error as Error).message}`)
  }
  throw wrong(
    `${path} is no cluster file: format is ${JSON.stringify(format)}. Write "drover-cluster/1" (drover cluster export NAME) or "bal-cluster/1".`,
  )
}

/** Throws with the place where the text is no JSON. */
function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const { message } = error as Error
    const [, at] = /at position (\d+)/.exec(message) ?? []
    const ends = message.includes('end of JSON')
    const before = text.slice(0, at === undefined ? text.length : Number(at)).split('\n')
    const line = at === undefined && !ends ? '' : ` (line ${before.length})`
    const what = text.trim() === '' ? 'it is empty' : ends ? 'it ends too early' : message
    throw wrong(`${path} is no cluster file: ${what}${line}. Correct it there, or export it again.`)
  }
}

function wrong(message: string): CliError {
  return new CliError(exitCodes.usage, message)
}

function checked<T>(schema: z.ZodType<T>, json: unknown): T {
  const found = schema.safeParse(json)
  if (found.success) return found.data
  const { path, message } = found.error.issues[0]!
  const at = path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key),
    '',
  )
  const more = found.error.issues.length - 1
  const what = message.endsWith('received undefined') ? 'it is missing. Add it' : `${message}. Correct it`
  throw new Error(`${at}: ${what}${more > 0 ? `, and ${more} more` : ''}.`)
}

function ofBalanceFile(file: z.infer<typeof balanceFile>): PlanCase {
  const model = modelOfClusterFile(file)
  return {
    model,
    memoryUnit: 1024 ** 2,
    movable: () => true,
    goal: ({ aim = 'spread', cpu = 0.05, memory, limit = 1, limitMemory = null, maxMoves }) => {
      const goal = goalOfClusterFile(aim, maxMoves === undefined ? {} : { maxMoves })
      const [first, second] = goal.metrics
      // Memory that nobody asked to even out is not to become less even.
      const now = new Loads(model, goal).spread(1)
      const enough = memory === undefined ? now : Math.max(0, memory - hair)
      return {
        ...goal,
        metrics: [
          { ...first!, enough: Math.max(0, cpu - hair), limit },
          { ...second!, enough, limit: limitMemory },
        ],
      }
    },
    consolidation: consolidationOfModel(model),
    minAwake: 1,
    failures: 1,
    ruleName: (rule) => file.rules?.[rule]?.id ?? `rule ${rule}`,
  }
}

function ofExport(file: z.infer<typeof clusterExportSchema>): PlanCase {
  const { picture, rules } = pictureOfExport(file)
  const { model: asIs, resources } = modelOfScene(sceneOf(picture, rules), ['cpu', 'memory'], [])
  const [cpuLoad, memoryLoad] = resources
  // Where VMs are placed anew, CPU is evened out beside memory.
  const weighted = asIs.resources.map((one, r) => (r === cpuLoad ? { ...one, weight: 0.5 } : one))
  const { balance, power, admission } = rules
  return {
    model: buildModel({ ...inputOf(asIs), resources: weighted }),
    memoryUnit: 1,
    movable: (vm) => {
      const { fixed, movedAt } = picture.vms[vm]!
      return fixed === null && (movedAt === null || picture.at - movedAt >= balance.cooldownMs)
    },
    goal: ({ aim = balance.aim, cpu, memory, limit = balance.limit, limitMemory, maxMoves }) => ({
      aim,
      metrics: [
        { resource: cpuLoad!, weight: balance.weights.cpu, enough: cpu ?? balance.spread, limit },
        {
          resource: memoryLoad!,
          weight: balance.weights.memory,
          enough: memory ?? balance.spread,
          limit: limitMemory ?? balance.limit,
        },
      ],
      minGain: balance.minGain,
      minShare: balance.minShare,
      maxMoves: maxMoves ?? Number.POSITIVE_INFINITY,
      costOf: moveCost,
      costPerMove: 2 * gib,
    }),
    consolidation: consolidationOfPicture(picture, rules),
    minAwake: power.minAwake,
    failures: admission.by === 'hosts' ? admission.hostFailures : 1,
    ruleName: (rule) => rules.rules[rule]?.name ?? `rule ${rule}`,
  }
}
