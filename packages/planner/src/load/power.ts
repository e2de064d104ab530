import {
  type LoadMemory,
  type LoadPicture,
  type LoadProposal,
  type LoadRules,
  sayDuration,
  sayList,
  withinWindows,
} from '@drover/model'
import type { JudgeOptions } from './judge'
import { powerModel } from './powerField'
import { sleepsNow } from './powerSleep'
import { few, wakesNow } from './powerWake'
import { sceneOf, scoreOf, sharesOf } from './scene'

export interface PowerVerdict {
  /** Hosts to be woken: before everything that is moved. Null: none. */
  wake: LoadProposal | null
  /** Hosts to be emptied and put to sleep: after everything else. Null: none. */
  sleep: LoadProposal | null
  /** Since when a host could be spared; null: none could. To be remembered. */
  lowSince: number | null
  /** What was wanted and not proposed, and why, in words. */
  held: { by: string; text: string }[]
  /** Why each host that is awake stays so, in words. */
  stays: { host: number; text: string }[]
}

const by = 'power'

/**
 * Who has to be awake (`picture`: as it is after what thresholds move): what runs, a failure and a reserve decide. Hosts are woken at once when they are needed; they are
 * put to sleep only when they have not been for the hold time, and as long as nothing else about power is under way.
 * What keeps it from going to and fro: a host is woken above `wakeAbove` and only spared below `fillTo`, it stays as it
 * is for the dwell time, and what was moved lately is not moved again. `watchOnly`: nobody is put to sleep, but who is
 * needed is woken: that is never the wrong moment.
 */
export function judgePower(
  picture: LoadPicture,
  rules: LoadRules,
  memory: LoadMemory,
  {
    holdPassed = false,
    watchOnly = false,
    explain = true,
    mayGoOn,
  }: Pick<JudgeOptions, 'holdPassed' | 'watchOnly' | 'explain' | 'mayGoOn'> = {},
): PowerVerdict {
  const { power } = rules
  const { at, hosts } = picture
  const verdict: PowerVerdict = { wake: null, sleep: null, lowSince: null, held: [], stays: [] }
  const hold = (text: string) => verdict.held.push({ by, text })
  if (power.mode === 'off' && hosts.every(({ standby }) => standby === 'awake')) return verdict
  const model = powerModel(picture, rules)
  const wakes = wakesNow(picture, rules, model)
  if (wakes.length > 0) return { ...verdict, wake: wakeProposal(picture, rules, wakes) }
  if (power.mode === 'off' || watchOnly) return verdict
  if (!withinWindows(power.windows, at)) {
    hold('At this time of day nobody is put to sleep.')
    return verdict
  }
  const moving = hosts.filter(({ standby }) => standby === 'waking' || standby === 'falling asleep')
  if (moving.length > 0) {
    hold(
      `${sayList(few(moving.map(({ name, standby }) => `${name} is ${standby}`)))}: what comes next is seen then.`,
    )
    return verdict
  }
  if (picture.waiting?.length) {
    hold('VMs wait for a place, so nobody is put to sleep.')
    return verdict
  }
  if (picture.missing?.length) {
    hold(`${sayList(few(picture.missing))} failed and the others stand in, so nobody is put to sleep.`)
    return verdict
  }
  const { proposal, stays, stopped } = sleepsNow(picture, rules, memory, model, { explain, mayGoOn })
  verdict.stays = stays
  if (!proposal && stopped) {
    hold('There was no time to find out who could sleep.')
    return { ...verdict, lowSince: memory.lowSince }
  }
  if (!proposal) return verdict
  const since = memory.lowSince ?? at
  if (!holdPassed && at - since < power.holdMs) {
    const names = sayList(few(proposal.sleep.map(({ host }) => hosts[host]!.name)))
    hold(
      `${names} could sleep; load has to stay low for another ${sayDuration(power.holdMs - (at - since))}.`,
    )
    return { ...verdict, lowSince: since }
  }
  return { ...verdict, sleep: proposal, lowSince: since }
}

function wakeProposal(
  picture: LoadPicture,
  rules: LoadRules,
  wakes: { host: number; text: string }[],
): LoadProposal {
  const scene = sceneOf(picture, rules)
  const shares = picture.hosts.map((_, host) => sharesOf(scene, host))
  const woken = new Set(wakes.map(({ host }) => host))
  const hosts = picture.hosts.map((host, i) =>
    woken.has(i) ? { ...host, standby: 'waking' as const } : host,
  )
  const names = sayList(few(wakes.map(({ host }) => picture.hosts[host]!.name)))
  return {
    by,
    // A host that is needed is not left asleep for want of somebody who says yes.
    automatic: true,
    text: `${names} ${wakes.length === 1 ? 'is' : 'are'} needed. ${wakes[0]!.text}`,
    moves: [],
    sleep: [],
    wake: wakes,
    before: scoreOf(scene),
    after: scoreOf({ ...scene, picture: { ...picture, hosts } }),
    hosts: shares.map((share) => ({ before: share, after: share })),
  }
}
