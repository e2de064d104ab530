import {
  type LoadMemory,
  type LoadMove,
  type LoadPicture,
  type LoadProposal,
  type LoadRules,
  type LoadScore,
  sayBytes,
  sayCount,
  sayDuration,
  sayList,
  sayPercent,
} from '@drover/model'
import { planConsolidation } from '../consolidate/consolidate'
import type { ConsolidationStep, StayReason } from '../consolidate/goal'
import { wattsAt } from '../consolidate/power'
import { Layout } from '../model/layout'
import { unitOf } from '../model/unit'
import { hourMs, type PowerField, powerField, shareIsKept } from './powerField'
import { few, goalOf } from './powerWake'

type Sleep = ConsolidationStep & { kind: 'sleep' }

export interface Sleeps {
  /** Null: nobody can be spared. */
  proposal: LoadProposal | null
  /** Why each other host that is awake stays so, in words. */
  stays: { host: number; text: string }[]
}

/** At most this share of the hosts that are awake is emptied by one decision, but always one. */
const shareAtOnce = 1 / 8

/** Hosts that nobody needs now or before they would be woken again, where what they run goes, and why the others stay. */
export function sleepsNow(picture: LoadPicture, rules: LoadRules, { moves }: LoadMemory): Sleeps {
  const { power } = rules
  const field = powerField(picture, rules, power.wakeAheadMs + power.dwellMs)
  const goal = goalOf(rules, power.fillTo / (1 + power.reserve))
  const left = movesLeft(picture, rules, moves)
  // Waking has been judged already.
  const hosts = field.input.hosts.map((host) => ({ ...host, mayWake: false }))
  const plan = planConsolidation(
    { ...field.input, hosts },
    { ...goal, maxMoves: left.moves, maxBytes: left.bytes },
  )
  const awake = new Set(
    [...field.awake.keys()].filter((host) => field.awake[host] && picture.hosts[host]!.accepts),
  )
  const most = Math.max(1, Math.floor(awake.size * shareAtOnce))
  const stays = plan.stays.map(({ host, why }) => ({ host, text: sayStay(picture, rules, host, why) }))
  const chosen: Sleep[] = []
  for (const step of plan.steps) {
    if (step.kind !== 'sleep') continue
    const { host } = step
    if (chosen.length === most) {
      stays.push({ host, text: 'Its turn comes when those before it sleep.' })
      continue
    }
    awake.delete(host)
    const keeps = shareIsKept(picture, rules, (one) => awake.has(one))
    if (awake.size >= power.minAwake && keeps) {
      chosen.push(step)
      continue
    }
    awake.add(host)
    const text = keeps
      ? `At least ${sayCount(power.minAwake, 'host')} of ${picture.clusterName} stay awake.`
      : `Without it, less than ${sayPercent(rules.admission.reservedShare)} of the memory would be free for failures.`
    // Later ones were planned with this one asleep.
    stays.push({ host, text })
    break
  }
  for (const [host, { standby }] of picture.hosts.entries())
    if (
      standby === 'awake' &&
      !chosen.some((step) => step.host === host) &&
      !stays.some((one) => one.host === host)
    )
      stays.push({ host, text: 'It is needed for what would be moved there.' })
  return { proposal: chosen.length > 0 ? proposalOf(picture, rules, field, chosen) : null, stays }
}

/** What the cluster's budget of moves leaves of this hour. */
function movesLeft({ at }: LoadPicture, { balance }: LoadRules, moves: LoadMemory['moves']) {
  const { movesPerHour, bytesPerHour } = balance.budget
  const lately = moves.filter((move) => at - move.at < hourMs)
  const used = lately.reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    moves: movesPerHour === null ? Number.POSITIVE_INFINITY : Math.max(0, movesPerHour - lately.length),
    bytes: bytesPerHour === null ? Number.POSITIVE_INFINITY : Math.max(0, bytesPerHour - used),
  }
}

function proposalOf(picture: LoadPicture, rules: LoadRules, field: PowerField, steps: Sleep[]): LoadProposal {
  const scores = new Scores(picture, rules, field)
  const before = scores.now()
  const hostsBefore = scores.shares()
  const moves: LoadMove[] = []
  const sleep: LoadProposal['sleep'] = []
  const until = neededAt(picture, rules, field, steps)
  let number = 0
  for (const { host, moves: planned, savedWatts } of steps) {
    const { name } = picture.hosts[host]!
    const groups = groupsOf(field, planned)
    for (const group of groups) {
      const was = scores.now()
      const against = group.map(({ vm, to }) => scores.against(vm, host, to))
      for (const { vm, to } of group) scores.go(vm, to)
      const is = scores.now()
      for (const [i, { vm, from, to, bytes }] of group.entries())
        moves.push({
          vm,
          from,
          to,
          step: number,
          bytes,
          seconds: secondsOf(bytes),
          before: was,
          after: is,
          text: `${picture.vms[vm]!.name} goes to ${picture.hosts[to]!.name}, so that ${name} can sleep.`,
          against: against[i]!,
        })
      number += 1
    }
    scores.sleep(host)
    const gone =
      planned.length === 0
        ? 'It runs nothing'
        : `${sayCount(planned.length, 'VM')} ${planned.length === 1 ? 'moves' : 'move'} away`
    const text = `${name} is not needed: ${gone}, and the hosts that stay awake have room for all and for failures. That saves about ${Math.round(savedWatts)} W.`
    sleep.push({ host, text, until })
  }
  const names = sleep.map(({ host }) => picture.hosts[host]!.name)
  const text = `${sayList(few(names))} ${names.length === 1 ? 'is' : 'are'} not needed: the others carry the load below ${sayPercent(rules.power.fillTo)}.`
  return {
    by: 'power',
    automatic: rules.power.mode === 'full',
    text,
    moves,
    sleep,
    wake: [],
    before,
    after: scores.now(),
    hosts: scores.shares().map((after, host) => ({ before: hostsBefore[host]!, after })),
  }
}

/** Copying memory at ten gigabits, and beginning and ending. */
function secondsOf(bytes: number): number {
  return Math.ceil(bytes / 1e9) + 2
}

/** VMs that share a host by a rule go together. */
function groupsOf({ input: { model } }: PowerField, moves: Sleep['moves']): Sleep['moves'][] {
  const groups: Sleep['moves'][] = []
  for (const move of moves) {
    const last = groups.at(-1)
    const group = model.groupOf[move.vm]!
    if (last && group >= 0 && model.groupOf[last[0]!.vm] === group) last.push(move)
    else groups.push([move])
  }
  return groups
}

/** When, by its own past, the cluster will need more than the hosts that stay awake should carry; null: not within what is known. */
function neededAt(picture: LoadPicture, rules: LoadRules, field: PowerField, steps: Sleep[]): number | null {
  const asleep = new Set(steps.map(({ host }) => host))
  const cores = picture.hosts.reduce(
    (sum, host, i) => sum + (field.awake[i] && host.accepts && !asleep.has(i) ? host.cores : 0),
    0,
  )
  const first = Math.floor(picture.at / hourMs)
  const known = Math.max(0, ...picture.vms.map(({ demand }) => demand.aheadCpu?.length ?? 0))
  for (let hour = 0; hour < known; hour += 1) {
    const need = picture.vms.reduce((sum, { demand }) => sum + (demand.aheadCpu?.[hour] ?? demand.cpu), 0)
    if (need > rules.power.wakeAbove * cores)
      return Math.max(picture.at, (first + hour) * hourMs - rules.power.wakeAheadMs)
  }
  return null
}

/** Loads of hosts while the moves of a plan are gone through, one by one. */
export class Scores {
  readonly #cpu: Float64Array
  readonly #memory: Float64Array
  readonly #asleep: Uint8Array
  readonly #layout: Layout

  constructor(
    readonly picture: LoadPicture,
    readonly rules: LoadRules,
    readonly field: PowerField,
  ) {
    this.#cpu = Float64Array.from(picture.hosts, ({ used }) => used.cpu)
    this.#memory = Float64Array.from(picture.hosts, ({ used }) => used.memory)
    this.#asleep = Uint8Array.from(picture.hosts, ({ standby }) => (standby === 'asleep' ? 1 : 0))
    this.#layout = new Layout(field.input.model)
    for (const [host, asleep] of this.#asleep.entries()) if (asleep) this.#layout.accepts[host] = 0
  }

  go(vm: number, to: number): void {
    const { now, demand, at } = this.picture.vms[vm]!
    const cpu = now?.cpu ?? demand.cpu
    const memory = now?.memory ?? demand.memory
    this.#cpu[at]! -= cpu
    this.#memory[at]! -= memory
    this.#cpu[to]! += cpu
    this.#memory[to]! += memory
    const unit = unitOf(this.field.input.model, [vm])
    this.#layout.take(unit)
    this.#layout.put(unit, to)
  }

  sleep(host: number): void {
    this.#asleep[host] = 1
    this.#layout.accepts[host] = 0
  }

  wake(host: number): void {
    this.#asleep[host] = 0
    this.#layout.accepts[host] = 1
  }

  shares(): { cpu: number; memory: number }[] {
    return this.picture.hosts.map(({ cores, memoryBytes }, i) => ({
      cpu: cores > 0 ? Math.max(0, this.#cpu[i]!) / cores : 0,
      memory: memoryBytes > 0 ? Math.max(0, this.#memory[i]!) / memoryBytes : 0,
    }))
  }

  now(): LoadScore {
    const shares = this.shares()
    const { limit } = this.rules.balance
    const counted = [...shares.keys()].filter(
      (host) => !this.#asleep[host] && this.picture.hosts[host]!.cores > 0,
    )
    const sd = (of: (host: number) => number) => {
      const mean = counted.reduce((sum, host) => sum + of(host), 0) / (counted.length || 1)
      return Math.sqrt(counted.reduce((sum, host) => sum + (of(host) - mean) ** 2, 0) / (counted.length || 1))
    }
    return {
      cpu: sd((host) => shares[host]!.cpu),
      memory: sd((host) => shares[host]!.memory),
      overloaded: counted.filter((host) => shares[host]!.cpu > limit || shares[host]!.memory > limit),
      watts: this.picture.hosts.reduce(
        (sum, { power }, i) => sum + (this.#asleep[i] ? power.asleepWatts : wattsAt(power, shares[i]!.cpu)),
        0,
      ),
    }
  }

  /** For every host that a VM does not go to, the first reason why not. */
  against(vm: number, from: number, to: number): LoadMove['against'] {
    const { model } = this.field.input
    const unit = unitOf(model, [vm])
    const shares = this.shares()
    const out: LoadMove['against'] = []
    for (const [host, { name, standby, closed }] of this.picture.hosts.entries()) {
      if (host === to || host === from) continue
      const [reason] = this.#layout.whyNot(unit, host)
      let text: string
      if (standby !== 'awake') text = standby === 'waking' ? `${name} is only waking up.` : `${name} sleeps.`
      else if (reason?.code === 'closed') text = closed ?? `${name} takes no VMs.`
      else if (reason?.code === 'ineligible')
        text = `${name} has not got its disks or networks, or another CPU.`
      else if (reason?.code === 'short')
        text = `${name} is ${sayBytes(reason.needed - reason.free)} of memory short.`
      else if (reason?.code === 'rule') {
        const id = this.rules.rules.filter(({ enabled }) => enabled)[reason.rule]
        text = `The rule "${id?.name ?? ''}" forbids it.`
      } else
        text = `${name} has less room left for what may come (${sayPercent(shares[host]!.cpu)} of its CPU in use).`
      out.push({ host, text })
    }
    return out
  }
}

/** Why a host stays awake, in words. */
function sayStay(picture: LoadPicture, rules: LoadRules, host: number, why: StayReason): string {
  const { name, wakeProven, byHand, closed, id, accepts } = picture.hosts[host]!
  const vmName = (vm: number) => picture.vms[vm]!.name
  switch (why.code) {
    case 'kept':
      return `${name} is needed.`
    case 'mayNot':
      if (!accepts) return closed ?? `${name} is not in service.`
      if (!wakeProven) return `It was never shown that ${name} can be woken. Prove it, and it may sleep.`
      if (byHand) return `A person has woken or put ${name} to sleep; rules leave it alone.`
      return rules.power.hostIds?.includes(id) === false
        ? `${name} is not one of the hosts that may sleep.`
        : `${name} may not sleep.`
    case 'dwell':
      return `${name} was woken a short time ago, and stays awake for another ${sayDuration(Math.max(0, why.untilAt - picture.at))}.`
    case 'stuck': {
      if (why.vm === null) return `Something runs on ${name} that Drover does not know.`
      const vm = picture.vms[why.vm]!
      if (vm.fixed) return `${vm.name} cannot be moved: ${vm.fixed}`
      return vm.automation !== 'full' && rules.power.mode === 'full'
        ? `${vm.name} is not moved by itself: its automation is ${vm.automation}.`
        : `${vm.name} was moved a short time ago.`
    }
    case 'room':
      return why.vm === null
        ? `The others have no room for all that ${name} runs.`
        : `No other host has room for ${vmName(why.vm)} below ${sayPercent(rules.power.fillTo)}.`
    case 'reserve':
      return `${name} is kept as a reserve.`
    case 'failover': {
      const down = sayList(few(why.down.map(vmName)))
      const failed = sayList(why.failed.map((one) => picture.hosts[one]!.name))
      return failed
        ? `Without it, ${down || 'some VMs'} would have no place if ${failed} failed.`
        : `Without it, ${sayCount(why.failures, 'failure')} could not be survived.`
    }
    case 'limit':
      return `Emptying it takes ${sayCount(why.moves, 'move')}, more than may be made within this hour.`
    case 'worth':
      return `Moving what ${name} runs costs more than its sleep would save.`
  }
}
