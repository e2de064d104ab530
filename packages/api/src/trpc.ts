import { StoreAway } from '@drover/control'
import { type Refusal, type Role, roleAllows, sayRefusals } from '@drover/model'
import { initTRPC, TRPCError } from '@trpc/server'
import { ZodError } from 'zod'
import type { ApiContext } from './context'
import { Refused, refused } from './refused'

/** What a caller who was turned down gets beside the message. */
export interface ErrorData {
  code: TRPCError['code']
  httpStatus: number
  refusals: Refusal[]
}

const t = initTRPC.context<ApiContext>().create({
  isDev: false,
  errorFormatter: ({ shape, error }) => {
    const refusals = refusalsOf(error)
    const { code, httpStatus } = shape.data
    const data: ErrorData = { code, httpStatus, refusals }
    return { ...shape, message: refusals.length > 0 ? sayRefusals(refusals) : messageOf(error), data }
  },
})

function refusalsOf(error: TRPCError): Refusal[] {
  if (error.cause instanceof Refused) return error.cause.refusals
  if (error.code !== 'BAD_REQUEST' || !(error.cause instanceof ZodError)) return []
  const byField = new Map<string, Refusal>()
  for (const issue of error.cause.issues) {
    const field = issue.path.join('.') || 'the request'
    const [problem = '', ...remedy] = issue.message.split(/(?<=\.) /)
    if (byField.has(field)) continue // the first thing wrong with a field says enough
    byField.set(field, {
      code: 'invalid',
      field,
      problem: problem.replace(/\.$/, ''),
      remedy: remedy.join(' '),
    })
  }
  return [...byField.values()]
}

function messageOf(error: TRPCError): string {
  switch (error.code) {
    case 'INTERNAL_SERVER_ERROR':
      return 'Drover failed at this through a fault of its own. Look at what it did before you try again; the cause is in the log of the control daemon.'
    case 'NOT_FOUND':
      return 'This Drover does not know that procedure. Use a client of the same version.'
    case 'METHOD_NOT_SUPPORTED':
      return 'Changes are asked for with POST, queries with GET or POST.'
    case 'PARSE_ERROR':
      return 'The request is not valid JSON. Send a JSON body.'
    default:
      return error.message
  }
}

export const router = t.router

/** Calls procedures without HTTP in between; for tests. */
export const createCallerFactory = t.createCallerFactory

/** What cannot be read while the database is away is refused like what cannot be changed. */
const reachable = t.procedure.use(async ({ next }) => {
  const answer = await next()
  if (!answer.ok && answer.error.cause instanceof StoreAway)
    throw refused([{ code: 'database_away', sinceAt: null }])
  return answer
})

const signedIn = reachable.use(({ ctx, next }) => {
  if (!ctx.user) {
    throw new TRPCError({ code: 'UNAUTHORIZED', message: 'You are not signed in. Sign in and try again.' })
  }
  return next({ ctx: { ...ctx, user: ctx.user } })
})

function needs(role: Role) {
  return signedIn.use(({ ctx, next }) => {
    if (!roleAllows(ctx.user.role, role)) {
      throw refused([{ code: 'forbidden', role: ctx.user.role, needs: role }])
    }
    return next()
  })
}

/** Whoever is signed in may read. */
export const auditor = needs('auditor')
/** Acts on VMs and hosts. */
export const operator = needs('operator')
/** Defines clusters, hosts and users. */
export const admin = needs('admin')
