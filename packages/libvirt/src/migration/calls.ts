import { type Call, type CallOptions, procedure } from '../protocol/procedure'
import { paramValues, typedParams } from '../protocol/typed-params'
import { type DomainRef, domainRef, optionalString } from '../protocol/wire'
import { int, nothing, opaque, struct, uhyper, uint } from '../xdr/codec'
import { JOB_OPERATIONS, JOB_STATS, JOB_TYPES, MIGRATE } from './constants'
import { type MigrationParameters, toTypedParams } from './parameters'

const withFlags = struct({ domain: domainRef, flags: uint })
const cookie = opaque(4_194_304)

const P = {
  abort: procedure(164, 'abort job', struct({ domain: domainRef }), nothing),
  setMaxDowntime: procedure(
    166,
    'set maximum downtime',
    struct({ domain: domainRef, downtimeMs: uhyper, flags: uint }),
    nothing,
  ),
  setMaxSpeed: procedure(
    207,
    'set migration speed',
    struct({ domain: domainRef, bandwidthMibps: uhyper, flags: uint }),
    nothing,
  ),
  getMaxSpeed: procedure(242, 'get migration speed', withFlags, struct({ bandwidthMibps: uhyper })),
  stats: procedure(298, 'get job statistics', withFlags, struct({ type: int, stats: paramValues })),
  perform: procedure(
    305,
    'migrate domain',
    struct({ domain: domainRef, destination: optionalString, params: typedParams, cookie, flags: uint }),
    struct({ cookie }),
  ),
  startPostCopy: procedure(364, 'switch migration to post-copy', withFlags, nothing),
  getMaxDowntime: procedure(387, 'get maximum downtime', withFlags, struct({ downtimeMs: uhyper })),
}

/** A job of a domain: what it is and how far. `stats` has libvirt's names (`memory_remaining` in bytes). */
export interface Job {
  type: (typeof JOB_TYPES)[number]
  operation: (typeof JOB_OPERATIONS)[number]
  stats: Record<string, number | string | boolean>
}

/** Live and cold migration from the source's libvirtd, and the job it is. */
export const migrationCalls = (call: Call) => ({
  /**
   * Peer-to-peer migration: this libvirtd connects to `destination` (`qemu+tcp://10.0.0.2/system`) and does all of it.
   * Resolves when the domain runs there (or is defined there, with MIGRATE.offline). One call as long as the
   * migration: no deadline unless given, and its own connection, please. To stop it, call `abort` from elsewhere.
   */
  migrate: async (
    of: DomainRef,
    destination: string,
    flags: number,
    parameters: MigrationParameters = {},
    options: CallOptions = {},
  ): Promise<void> => {
    const args = {
      domain: of,
      destination,
      params: toTypedParams(parameters),
      cookie: Buffer.alloc(0),
      flags: flags | MIGRATE.peerToPeer,
    }
    await call(P.perform, args, { deadlineMs: Number.POSITIVE_INFINITY, ...options })
  },
  /**
   * The job now (`type` is `none` when there is none), or the last one that ended, once: with
   * `{ completed: true }`, and `keep` to have it told again.
   */
  job: async (
    of: DomainRef,
    which: { completed?: boolean; keep?: boolean } = {},
    options?: CallOptions,
  ): Promise<Job> => {
    const flags = which.completed ? JOB_STATS.completed | (which.keep ? JOB_STATS.keepCompleted : 0) : 0
    const { type, stats } = await call(P.stats, { domain: of, flags }, options)
    return {
      type: JOB_TYPES[type] ?? 'unknown',
      operation: JOB_OPERATIONS[Number(stats.operation ?? 0)] ?? 'unknown',
      stats,
    }
  },
  /** Cancels the job. A migration then fails with `operation_aborted` and the domain stays where it was. */
  abort: (of: DomainRef, options?: CallOptions) => call(P.abort, { domain: of }, options),
  setMaxSpeed: (of: DomainRef, bandwidthMibps: number, options?: CallOptions) =>
    call(P.setMaxSpeed, { domain: of, bandwidthMibps, flags: 0 }, options),
  maxSpeedMibps: async (of: DomainRef, options?: CallOptions) =>
    (await call(P.getMaxSpeed, { domain: of, flags: 0 }, options)).bandwidthMibps,
  /** While it migrates only. */
  setMaxDowntime: (of: DomainRef, downtimeMs: number, options?: CallOptions) =>
    call(P.setMaxDowntime, { domain: of, downtimeMs, flags: 0 }, options),
  maxDowntimeMs: async (of: DomainRef, options?: CallOptions) =>
    (await call(P.getMaxDowntime, { domain: of, flags: 0 }, options)).downtimeMs,
  /** Of a migration started with MIGRATE.postCopy: run it on the destination now, memory follows. No way back. */
  startPostCopy: (of: DomainRef, options?: CallOptions) =>
    call(P.startPostCopy, { domain: of, flags: 0 }, options),
})

export type MigrationCalls = ReturnType<typeof migrationCalls>
