import { createHash } from 'node:crypto'
import { type CommandBody, type CommandKind, commandBodySchema, commandResultSchema } from '@drover/protocol'
import { z } from 'zod'

/**
 * What the agent remembers of a command. `accepted`: it has it. `done`: it ended; control may not know yet.
 * `received`: control knows; kept a while, so that a late repetition does not run it again.
 */
export const recordSchema = z.object({
  n: z.number().int(),
  id: z.string(),
  kind: z.string(),
  /** Tells a repetition from another command under the same id. */
  bodySha256: z.string(),
  state: z.enum(['accepted', 'done', 'received']),
  body: commandBodySchema.nullable(),
  result: commandResultSchema.nullable(),
})
export type CommandRecord = z.infer<typeof recordSchema>

export function hashOf(body: CommandBody): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex')
}

/**
 * After a restart, these are simply done again when control still wants them: doing them twice is doing them once.
 * The others could do harm (a second reboot), so they end as `interrupted` and control asks what is true.
 */
const repeatable: Record<CommandKind, boolean> = {
  'vm.inspect': true,
  'vm.define': true,
  'vm.change': false,
  'vm.undefine': true,
  'vm.start': true,
  'vm.shutdown': true,
  'vm.stop': true,
  'vm.reboot': false,
  'vm.reset': false,
  'host.shutdown': false,
  'vm.suspend': false,
  'vm.resume': false,
  'vm.migrate': false,
  'disk.clone': true,
  'disk.receive': true,
  'disk.send': false,
  'disk.commit': true,
  'disk.create': true,
  'disk.delete': true,
  'disk.info': true,
}

export function isRepeatable(body: CommandBody): boolean {
  return repeatable[body.kind]
}

/** Only looks. It is not written down: after a restart control asks again, and it is answered again. */
export function isQuestion(kind: string): boolean {
  return kind === 'vm.inspect' || kind === 'disk.info'
}

/** Commands with the same key run one after the other; null runs at once. */
export function laneOf(body: CommandBody): string | null {
  if (isQuestion(body.kind)) return null
  if ('uuid' in body) return body.uuid
  if ('targetPath' in body) return body.targetPath
  return null
}
