import { type Refusal, sayRefusals } from '@drover/model'
import { TRPCError } from '@trpc/server'

/** Carries the reasons as data, beside the sentence, to whoever asked. */
export class Refused extends Error {
  constructor(readonly refusals: Refusal[]) {
    super(sayRefusals(refusals))
    this.name = 'Refused'
  }
}

type Code = TRPCError['code']

const codes: Partial<Record<Refusal['code'], Code>> = {
  not_found: 'NOT_FOUND',
  invalid: 'BAD_REQUEST',
  confirm_name: 'BAD_REQUEST',
  forbidden: 'FORBIDDEN',
  name_taken: 'CONFLICT',
  changed_since: 'CONFLICT',
  database_away: 'SERVICE_UNAVAILABLE',
  not_leading: 'SERVICE_UNAVAILABLE',
}

/** The error that tells a caller every reason why not: `data.refusals`, and their sentences as the message. */
export function refused(refusals: Refusal[]): TRPCError {
  const cause = new Refused(refusals)
  const code = codes[refusals[0]?.code ?? 'invalid'] ?? 'PRECONDITION_FAILED'
  return new TRPCError({ code, message: cause.message, cause })
}

/** The value of a positive answer; a negative one is thrown as what the caller is told. */
export function granted<T>(answer: { ok: true; value: T } | { ok: false; refusals: Refusal[] }): T {
  if (!answer.ok) throw refused(answer.refusals)
  return answer.value
}
