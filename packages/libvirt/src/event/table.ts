import { JOB_OPERATIONS } from '../migration/constants'
import { paramValues } from '../protocol/typed-params'
import { domain, optionalString, string } from '../protocol/wire'
import { type Codec, int, mapped, struct, uhyper, type ValueOf } from '../xdr/codec'
import {
  AGENT_STATES,
  BLOCK_JOB_STATUSES,
  BLOCK_JOB_TYPES,
  describeLifecycle,
  IO_ERROR_ACTIONS,
  WATCHDOG_ACTIONS,
} from './names'

const callbackId = int
const device = struct({ callbackId, domain, alias: string })
const readOnly = () => {
  throw new Error('events are read only')
}

/** The event as callers see it: without the callback's number, with names for numbers. */
const event = <W, T>(wire: Codec<W>, toEvent: (w: W) => T): Codec<T> => mapped(wire, toEvent, readOnly)
const named = <T extends string>(names: readonly T[], number: number): T | 'unknown' =>
  names[number] ?? 'unknown'

/** `id`: virDomainEventID, to register. `procedure`: the message that comes then. */
const entry = <T>(id: number, procedure: number, codec: Codec<T>) => ({ id, procedure, codec })

export const EVENTS = {
  /** A domain was defined, started, paused, stopped, ... and why. */
  lifecycle: entry(
    0,
    318,
    event(struct({ callbackId, domain, event: int, detail: int }), (m) => ({
      domain: m.domain,
      ...describeLifecycle(m.event, m.detail),
      eventCode: m.event,
      detailCode: m.detail,
    })),
  ),
  /** The guest rebooted itself. */
  reboot: entry(
    1,
    319,
    event(struct({ callbackId, domain }), (m) => ({ domain: m.domain })),
  ),
  /** The guest's watchdog fired. */
  watchdog: entry(
    3,
    321,
    event(struct({ callbackId, domain, action: int }), (m) => ({
      domain: m.domain,
      action: named(WATCHDOG_ACTIONS, m.action),
    })),
  ),
  /** A disk failed. `action` is what happened to the domain, `reason` is `enospc` or empty. */
  ioError: entry(
    6,
    324,
    event(struct({ callbackId, domain, path: string, alias: string, action: int, reason: string }), (m) => ({
      domain: m.domain,
      path: m.path,
      alias: m.alias,
      action: named(IO_ERROR_ACTIONS, m.action),
      reason: m.reason,
    })),
  ),
  /** libvirt lost control of the domain's QEMU monitor. */
  controlError: entry(
    7,
    325,
    event(struct({ callbackId, domain }), (m) => ({ domain: m.domain })),
  ),
  balloonChange: entry(
    13,
    331,
    event(struct({ callbackId, domain, memoryKib: uhyper }), (m) => ({
      domain: m.domain,
      memoryKib: m.memoryKib,
    })),
  ),
  /** The guest let go of a device. */
  deviceRemoved: entry(
    15,
    333,
    event(device, (m) => ({ domain: m.domain, alias: m.alias })),
  ),
  /** A block job of a disk (by target, `vda`) ended or is ready. */
  blockJob: entry(
    16,
    339,
    event(struct({ callbackId, domain, disk: string, type: int, status: int }), (m) => ({
      domain: m.domain,
      disk: m.disk,
      type: named(BLOCK_JOB_TYPES, m.type),
      status: named(BLOCK_JOB_STATUSES, m.status),
    })),
  ),
  /** Tuning changed: CPU shares, disk limits. */
  tunable: entry(
    17,
    346,
    event(struct({ callbackId, domain, values: paramValues }), (m) => ({
      domain: m.domain,
      values: m.values,
    })),
  ),
  agentLifecycle: entry(
    18,
    348,
    event(struct({ callbackId, domain, state: int, reason: int }), (m) => ({
      domain: m.domain,
      state: named(AGENT_STATES, m.state),
    })),
  ),
  deviceAdded: entry(
    19,
    354,
    event(device, (m) => ({ domain: m.domain, alias: m.alias })),
  ),
  /** A migration began another pass over memory. */
  migrationIteration: entry(
    20,
    359,
    event(struct({ callbackId, domain, iteration: int }), (m) => ({
      domain: m.domain,
      iteration: m.iteration,
    })),
  ),
  /** A job ended; `stats` are those of `migration.job`. */
  jobCompleted: entry(
    21,
    363,
    event(struct({ callbackId, domain, stats: paramValues }), (m) => ({
      domain: m.domain,
      operation: named(JOB_OPERATIONS, Number(m.stats.operation ?? 0)),
      stats: m.stats,
    })),
  ),
  /** The guest refused to let go of a device. */
  deviceRemovalFailed: entry(
    22,
    367,
    event(device, (m) => ({ domain: m.domain, alias: m.alias })),
  ),
  metadataChange: entry(
    23,
    379,
    event(struct({ callbackId, domain, type: int, uri: optionalString }), (m) => ({
      domain: m.domain,
      type: named(['description', 'title', 'element'], m.type),
      uri: m.uri,
    })),
  ),
}

export type EventName = keyof typeof EVENTS
/** What a listener of the event gets. */
export type EventOf<N extends EventName> = ValueOf<(typeof EVENTS)[N]['codec']>
