import { z } from 'zod'
import { commandBodySchema } from './command'
import {
  beatSchema,
  datastoreReportSchema,
  domainSchema,
  hostFactsSchema,
  hostUsageSchema,
  lastWordsSchema,
  uuidSchema,
  vmUsageSchema,
} from './domain'

export const commandIdSchema = z
  .string()
  .regex(/^[a-z0-9-]+\/[0-9]+$/)
  .max(64)

// ---- the line opens -------------------------------------------------------------------------------------------

/** The first thing control says on a new line: sign this. */
export const challengeSchema = z.object({ nonce: z.string().min(32).max(128), protocol: z.number().int() })

/** First contact: a join token buys an identity for the agent's own key. Answer: `Enrolled` or a refusal. */
export const enrolSchema = z.object({
  protocol: z.number().int(),
  token: z.string().min(8).max(200),
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
  address: z.string().min(1).max(255),
  publicKey: z.string().length(44),
})
export const enrolledSchema = z.object({ hostId: z.string().regex(/^host-\d+$/) })

/** Every later contact. `signature` is Ed25519 over `drover-agent/1\n<hostId>\n<nonce>`. */
export const helloSchema = z.object({
  protocol: z.number().int(),
  hostId: z.string().regex(/^host-\d+$/),
  signature: z.string().max(100),
  agentVersion: z.string().max(50),
  address: z.string().min(1).max(255),
  bootId: z.string().min(1).max(100),
})
export const welcomeSchema = z.object({ term: z.number().int(), heartbeatMs: z.number().int() })

/** Why a line, an enrolment or a command was turned down, in words for the log of the one who was refused. */
export const refusedSchema = z.object({ refused: z.string().max(500) })

// ---- agent to control ----------------------------------------------------------------------------------------

/** How old it is, by the clock of who says it: no two machines' clocks are compared. An agent that does not say has looked just now. */
const agoMs = z.number().int().nonnegative().default(0)

/** Every second, and when another host falls silent at once; answered by `heard`, never stored as such. */
export const heartbeatSchema = z.object({
  n: z.number().int().nonnegative(),
  usage: hostUsageSchema.nullable(),
  vms: z.record(uuidSchema, vmUsageSchema),
  /**
   * Each datastore as a place for heartbeats: whether the own one was written, and those of others that were read, `agoMs`
   * before this is said.
   */
  storage: z
    .array(z.object({ uuid: uuidSchema, ok: z.boolean(), agoMs, beats: z.array(beatSchema).max(500) }))
    .max(200)
    .default([]),
  /**
   * The peers that it tried to reach lately, and whether they answered: so long before this is said one did, or it began to
   * wait for one that did not.
   */
  peers: z
    .array(z.object({ hostId: z.string().regex(/^host-\d+$/), ok: z.boolean(), agoMs }))
    .max(500)
    .default([]),
})

/**
 * Control heard heartbeat `n`: the lease of a self-fencing agent runs from when it sent that one. Not when control cannot
 * be sure that it still leads (`renews` false): another one may lead by then, hear nothing of this host and count on it.
 */
export const heardSchema = z.object({ n: z.number().int().nonnegative(), renews: z.boolean().default(true) })

/** What an agent has to do when it is alone. Said after `welcome` and whenever it changes; kept across restarts. */
export const dutiesSchema = z.object({
  hostId: z.string().regex(/^host-\d+$/),
  /** Without control and without any datastore for this long: stop all VMs, hard. Null: never. */
  leaseMs: z.number().int().positive().nullable(),
  /**
   * The datastores (uuids) whose heartbeats renew the lease: those that other hosts can read, so that control can know of
   * it. A disk of the host's own would keep a host alive that everybody else believes dead. Null: those on which the agent
   * itself has read another host's heartbeat.
   */
  datastores: z.array(uuidSchema).max(200).nullable().default(null),
  /** Without control for this long while datastores are there: the VMs' isolation responses. */
  isolationMs: z.number().int().positive(),
  /** By VM uuid; those that are not named are left on. */
  isolation: z.record(uuidSchema, z.enum(['shutdown', 'powerOff'])),
  /** Whom to try to reach now and then. */
  peers: z
    .array(z.object({ hostId: z.string().regex(/^host-\d+$/), address: z.string().min(1).max(255) }))
    .max(500),
})

/** All that an agent sees: on connect, on request, on a schedule. `n` grows by one with every report or change. */
export const reportSchema = z.object({
  n: z.number().int().nonnegative(),
  facts: hostFactsSchema,
  domains: z.array(domainSchema).max(2000),
  datastores: z.array(datastoreReportSchema).max(200),
  networks: z.array(z.string().min(1).max(100)).max(500),
})

/** What changed, at once. `removed`: no longer there at all. */
export const changedSchema = z.object({
  n: z.number().int().nonnegative(),
  domains: z.array(domainSchema).max(2000),
  removed: z.array(uuidSchema).max(2000),
})

/**
 * The last thing said on a line by an agent that is stopped in an orderly way: from here on its silence is no sign of anything.
 * Its VMs run on as listed (uuids; null: it does not know); nobody on that host stops them any more.
 */
export const goodbyeSchema = lastWordsSchema.extend({ running: z.array(uuidSchema).max(2000).nullable() })

export const progressSchema = z.object({
  commandId: commandIdSchema,
  fraction: z.number().min(0).max(1),
  doneBytes: z.number().nonnegative().nullable(),
  totalBytes: z.number().nonnegative().nullable(),
  bytesPerSecond: z.number().nonnegative().nullable(),
  remainingMs: z.number().nonnegative().nullable(),
})

export const commandErrorSchema = z.enum([
  'not_found',
  'already_exists',
  'busy',
  'invalid_state',
  'no_memory',
  'no_space',
  'disk_locked',
  'aborted',
  'deadline',
  'unreachable',
  'interrupted',
  'unsupported',
  'failed',
])

export const commandResultSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({ ok: z.literal(false), error: commandErrorSchema, message: z.string().max(2000) }),
])

/** Repeated until control acknowledges it, across lost lines and restarts of the agent. */
export const resultSchema = z.object({ commandId: commandIdSchema, result: commandResultSchema })

// ---- control to agent ----------------------------------------------------------------------------------------

/** Acknowledged with `accepted`: "I have it", never "it is done". Sent again, it runs once. */
export const commandSchema = z.object({
  id: commandIdSchema,
  term: z.number().int(),
  body: commandBodySchema,
})
export const commandAckSchema = z.union([z.object({ accepted: z.literal(true) }), refusedSchema])

/** Stop what this command does, if it can be stopped. The command's own result says how it ended. */
export const cancelSchema = z.object({ commandId: commandIdSchema, term: z.number().int() })

/** Asks for what is true now: a full report, or one VM's definition text. */
export const askSchema = z.discriminatedUnion('what', [
  z.object({ what: z.literal('report') }),
  z.object({ what: z.literal('definition'), uuid: uuidSchema }),
  /**
   * Runs a fence program here, for a device that control cannot reach itself. Never journalled: it carries secrets. Refused
   * when a newer leader has been heard of.
   */
  z.object({
    what: z.literal('fence'),
    term: z.number().int(),
    agent: z
      .string()
      .regex(/^[a-z0-9_]+$/)
      .max(60),
    action: z.enum(['off', 'on', 'status', 'soft']),
    params: z.record(z.string().max(100), z.string().max(4000)),
    timeoutMs: z.number().int().positive(),
  }),
])

export const fenceAnswerSchema = z.object({
  power: z.enum(['on', 'off', 'unknown']),
  message: z.string().max(2000),
})

export type Heard = z.infer<typeof heardSchema>
export type Duties = z.infer<typeof dutiesSchema>
export type Challenge = z.infer<typeof challengeSchema>
export type Enrol = z.infer<typeof enrolSchema>
export type Enrolled = z.infer<typeof enrolledSchema>
export type Hello = z.infer<typeof helloSchema>
export type Welcome = z.infer<typeof welcomeSchema>
export type Refused = z.infer<typeof refusedSchema>
export type Heartbeat = z.infer<typeof heartbeatSchema>
export type Report = z.infer<typeof reportSchema>
export type Changed = z.infer<typeof changedSchema>
export type SaidGoodbye = z.infer<typeof goodbyeSchema>
export type CommandProgress = z.infer<typeof progressSchema>
export type CommandOutcome = z.infer<typeof resultSchema>
export type Command = z.infer<typeof commandSchema>
export type CommandAck = z.infer<typeof commandAckSchema>
export type Cancel = z.infer<typeof cancelSchema>
export type Ask = z.infer<typeof askSchema>

/** What is signed to prove an identity. */
export function signedText(hostId: string, nonce: string): string {
  return `drover-agent/1\n${hostId}\n${nonce}`
}
