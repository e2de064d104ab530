import { type Host, type HostId, refOf, type Standby, type Task } from '@drover/model'
import type { Changes, Told } from '../world/changes'
import { tasksOn } from '../world/find'
import { put } from '../world/rows'

export function withoutStandby(host: Host): Host {
  const { standby: _, ...rest } = host
  return rest
}

/** What a host's sleep is, or is to be, from its task. */
export function standbyOf({ params }: Pick<Task<'host.sleep'>, 'params'>, at: number): Standby {
  const { why, decisionId, byHand, test, until } = params
  return { at, why, decisionId, byHand: byHand || test, until }
}

/** Proven off: from now on it sleeps. */
export function fellAsleep(changes: Changes, hostId: HostId, standby: Standby): void {
  const host = changes.get('host', hostId)!
  const row: Host = { ...host, mode: 'standby', modeReason: standby.why, standby, held: null }
  const text = `${host.name} sleeps: ${standby.why}`
  changes.say({ kind: 'host.standby', host: refOf(host), asleep: true, text }, [put('host', row)])
}

/** It is not to sleep any more, or came to nothing: the row as it was before. */
export function staysAwake(
  changes: Changes,
  hostId: HostId,
  { mode, modeReason }: Pick<Host, 'mode' | 'modeReason'>,
  why: string,
): void {
  const host = changes.get('host', hostId)!
  const row: Host = { ...withoutStandby(host), mode, modeReason }
  const text = `${host.name} stays awake: ${why}`
  changes.say({ kind: 'host.standby', host: refOf(host), asleep: false, text }, [put('host', row)])
}

/**
 * Whoever switched it on: a sleeping host that is heard of is awake, and in service as it was before. Answers its row,
 * also when it did not sleep.
 */
export function awoken(changes: Changes, hostId: HostId): Host {
  const host = changes.get('host', hostId)!
  if (host.mode !== 'standby') return host
  const tasks = tasksOn(changes.world, hostId)
  const test = tasks.find(({ kind }) => kind === 'host.sleep') as Task<'host.sleep'> | undefined
  const asked =
    test !== undefined || tasks.some(({ kind }) => kind === 'host.wake' || kind === 'host.powerOn')
  const { before = 'normal', beforeReason = null } = (test?.memo ?? {}) as {
    before?: Host['mode']
    beforeReason?: string | null
  }
  const row: Host = {
    ...withoutStandby(host),
    mode: before,
    modeReason: before === 'normal' ? null : beforeReason,
  }
  const text = asked
    ? `${host.name} is awake.`
    : `${host.name} is awake: somebody switched it on. It is in service again.`
  changes.say({ kind: 'host.standby', host: refOf(host), asleep: false, text }, [put('host', row)])
  return row
}

/** It came up when it was switched on through its device: that is kept as the proof that it can be woken. */
export function provenToWake(changes: Changes, hostId: HostId, ms: number, told: Told = {}): void {
  const host = changes.get('host', hostId)!
  const row: Host = { ...host, wake: { at: changes.now, ms } }
  changes.say({ kind: 'host.wake_proven', host: refOf(host), ms }, [put('host', row)], told)
}

/** It was switched on and did not come up: the proof is gone, and who asks next knows since when and how often. */
export function failedToWake(changes: Changes, hostId: HostId, why: string): void {
  const { wake: _, ...host } = changes.get('host', hostId)!
  const { standby } = host
  const times = (standby?.failed?.times ?? 0) + 1
  // A person's wish was to have it awake: from now on rules may try as well.
  const row: Host = standby
    ? { ...host, standby: { ...standby, byHand: false, failed: { at: changes.now, times, why } } }
    : host
  const text = `${host.name} could not be woken: ${why}`
  const body = { kind: 'host.standby', host: refOf(host), asleep: true, text } as const
  changes.say(body, [put('host', row)], { severity: 'error' })
}
