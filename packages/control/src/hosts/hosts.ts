import {
  decideDefinition,
  decideEnrol,
  decideGoodbye,
  decideHeard,
  decideHello,
  decideReport,
  decideSightings,
  type HostAsk,
  isNewHello,
  type Sightings,
} from '@drover/engine'
import {
  type AgentFault,
  type Host,
  type HostId,
  type Initiator,
  sayRefusals,
  type World,
} from '@drover/model'
import {
  type Ask,
  definitionSchema,
  type Enrol,
  type Heartbeat,
  type Hello,
  heartbeatMs,
  oldestProtocol,
  protocolVersion,
  type Report,
  reportSchema,
  type SaidGoodbye,
} from '@drover/protocol'
import type { Batch } from '@drover/store'
import { z } from 'zod'
import type { AgentLine, AgentSession, Clock, Log, Random } from '../ports'
import type { Writer } from '../writer/writer'
import { DutiesTeller } from './duties'
import { isProven, sha256 } from './identity'
import { liveOf, noteHeartbeat, noteSightings } from './live'
import { RefusedAgents } from './refused'
import { type Answer, Session, type SessionOwner } from './session'

const drover: Initiator = { kind: 'drover' }

/** A line that was heard this recently is alive: a second one with the same key is a second agent. */
const aliveMs = 1_500

export interface HostsPorts {
  world: World
  writer: Writer
  term: number
  clock: Clock
  random: Random
  log: Log
  /** Whether it is certain that no other daemon leads by now. */
  isSure: () => boolean
  /** An agent has proved itself: what is out for its host can be sent. */
  onReady: (session: Session, hostId: HostId) => void
  onProgress: SessionOwner['handlers']['progress']
  onResult: SessionOwner['handlers']['result']
  /** Every agent that was not listened to. */
  onRefused: (fault: AgentFault) => void
}

/** So long a daemon that cannot be sure that it leads keeps agents from looking for another one, */
const unsureMs = 4_000
/** and those that have looked and come back: less than a new leader gives them to find it. */
const cameBackMs = 8_000

/** The agents' lines: who is who, what they report, and what they are asked. */
export class Hosts implements SessionOwner {
  readonly handlers: SessionOwner['handlers']
  readonly #ports: HostsPorts
  readonly #ready = new Map<HostId, Session>()
  readonly #all = new Set<Session>()
  readonly #asking = new Set<string>()
  readonly #refused: RefusedAgents
  readonly #hearing = new Set<HostId>()
  readonly #duties: DutiesTeller
  /** Boots that said hello while another one of the same host was heard, and when first. */
  readonly #twins = new Map<string, number>()
  /** Since when it has not been certain that this daemon leads; null while it is. */
  #unsureSince: number | null = null

  constructor(ports: HostsPorts) {
    this.#ports = ports
    const { world, writer, clock, log, onRefused } = ports
    this.#duties = new DutiesTeller(world, clock, (hostId) => this.#ready.get(hostId))
    this.#refused = new RefusedAgents(writer, clock, log, onRefused)
    this.handlers = {
      enrol: (session, message, answer) => void this.#enrol(session, message, answer),
      hello: (session, message, answer) => this.#hello(session, message, answer),
      heartbeat: (session, message) => this.#heartbeat(session, message),
      report: (session, message, answer) => void this.#report(session, message, answer),
      changed: (session, message, answer) => {
        const { n, domains, removed } = message
        void this.#changed(session, n, domains, removed, answer)
      },
      goodbye: (session, message, answer) => void this.#goodbye(session, message, answer),
      progress: ports.onProgress,
      result: ports.onResult,
    }
  }

  now(): number {
    return this.#ports.clock.now()
  }

  connect(line: AgentLine): AgentSession {
    const session = new Session(line, this.#ports.random.hex(32), this)
    this.#all.add(session)
    line.challenge({ nonce: session.nonce, protocol: protocolVersion })
    return session
  }

  /** The line of a host's agent; undefined while it has none. */
  session(hostId: HostId): Session | undefined {
    return this.#ready.get(hostId)
  }

  /**
   * What a commit changed may change what agents have to do when they are alone. The line to a host that is proven dead is
   * closed: what is still on its way over it is from before. If there is life after all, it says hello on a new one.
   */
  committed(batch: Batch): void {
    this.#duties.committed(batch)
    for (const { body } of batch.events) {
      if (body.kind !== 'host.state' || body.to !== 'fenced') continue
      const hostId = body.host.id as HostId
      if (this.#ports.world.tables.host.get(hostId)?.state !== 'fenced') continue
      this.#ready.get(hostId)?.close('this host is proven to be off')
    }
  }

  closeAll(why: string): void {
    this.#duties.stop()
    for (const session of [...this.#all]) session.close(why)
  }

  /** A host that left the inventory: its agent has nothing to say here any more. */
  removed(hostId: HostId): void {
    this.#ready.get(hostId)?.close('this host was removed from Drover')
    this.#ports.world.live.delete(hostId)
  }

  /** Asks an agent; what it answers is taken as if it had said it by itself. The same question is asked once at a time. */
  ask({ hostId, ask, delayMs }: HostAsk): void {
    const key = JSON.stringify([hostId, ask])
    if (this.#asking.has(key)) return
    this.#asking.add(key)
    const run = () => void this.#ask(hostId, ask).finally(() => this.#asking.delete(key))
    if (delayMs > 0) this.#ports.clock.setTimer(delayMs, run)
    else run()
  }

  // ---- SessionOwner ------------------------------------------------------------------------------------------

  misbehaved(session: Session, fault: 'malformed' | 'oversized', why: string): void {
    const { peer } = session.line
    const host = session.hostId && this.#ports.world.tables.host.get(session.hostId)
    this.#refused.note({ fault, why, name: host?.name ?? peer, peer, hostId: session.hostId })
  }

  closed(session: Session): void {
    this.#all.delete(session)
    const { hostId } = session
    if (!hostId || this.#ready.get(hostId) !== session) return
    this.#ready.delete(hostId)
    const live = this.#ports.world.live.get(hostId)
    // From here on what the host runs is not known until it reports again.
    if (live) live.reportedAt = null
  }

  // ---- who is who --------------------------------------------------------------------------------------------

  async #enrol(session: Session, message: Enrol, answer: Answer): Promise<void> {
    const { name, address, publicKey, token } = message
    if (!this.#speaksOurProtocol(session, name, message.protocol, answer)) return
    const input = { tokenSha256: sha256(token), name, address, publicKey }
    const enrolled = await this.#ports.writer.propose(drover, (world, ctx) => decideEnrol(world, input, ctx))
    if (enrolled.ok) return answer({ hostId: enrolled.value.hostId })
    this.#turnAway(session, 'not_enrolled', name, sayRefusals(enrolled.refusals), answer)
  }

  #hello(session: Session, message: Hello, answer: Answer): void {
    const { world, term } = this.#ports
    const host = world.tables.host.get(message.hostId)
    const name = host?.name ?? message.hostId
    if (!this.#speaksOurProtocol(session, name, message.protocol, answer)) return
    if (!host) {
      const why = 'it is no host of this Drover. Enrol it with a new join token.'
      this.#turnAway(session, 'unknown_host', name, why, answer)
      return
    }
    if (!isProven(host.publicKey, host.id, session.nonce, message.signature)) {
      const why = `its key is not the one that ${name} was enrolled with.`
      this.#turnAway(session, 'wrong_key', name, why, answer, host.id)
      return
    }
    const twin = this.#isTwin(host, message.bootId)
    if (twin === 'yes') {
      const why = `another machine with the key of ${name} is heard. Stop one of them, and enrol it anew.`
      this.#turnAway(session, 'claimed_twice', name, why, answer, host.id)
      return
    }
    if (twin === 'maybe') {
      session.close('the boot before this one was heard just now; try again')
      return
    }
    this.#replaceOlder(session, host.id, name)
    session.hostId = host.id
    this.#ready.set(host.id, session)
    const live = liveOf(world, host.id, this.now())
    live.heardAt = this.now()
    live.reportedAt = null
    answer({ term, heartbeatMs })
    const { bootId, address } = message
    if (isNewHello(host, message))
      void this.#ports.writer.propose(drover, (w, ctx) =>
        decideHello(w, { hostId: host.id, bootId, address }, ctx),
      )
    this.#duties.welcomed(session, host.id)
    this.#ports.onReady(session, host.id)
  }

  /**
   * Whether a boot is no later one of the host but another machine, say a copy of its disk: a new boot is proof that what
   * ran in the last one is dead, so one that is heard on beside it must not prove that.
   */
  #isTwin({ id, facts }: Host, bootId: string): 'no' | 'maybe' | 'yes' {
    if (!facts || facts.bootId === bootId) return 'no'
    const boot = `${id} ${bootId}`
    const heardAt = this.#ports.world.live.get(id)?.heardAt ?? 0
    const firstAt = this.#twins.get(boot)
    if (firstAt !== undefined && heardAt <= this.now() && heardAt - firstAt > aliveMs) return 'yes'
    if (!this.#ready.has(id) || Math.abs(this.now() - heardAt) >= aliveMs) return 'no'
    if (firstAt === undefined) this.#twins.set(boot, this.now())
    return 'maybe'
  }

  /** The newer line has just proved itself. If the older one was still alive, two agents share a key: somebody must be told. */
  #replaceOlder({ line }: Session, hostId: HostId, name: string): void {
    const older = this.#ready.get(hostId)
    if (!older) return
    const heardAt = this.#ports.world.live.get(hostId)?.heardAt ?? 0
    const alive = this.now() - heardAt < aliveMs
    older.close('a newer line with the key of this host has taken over')
    if (alive) {
      const why = `two agents use the key of ${name}; the newer one is heard. Stop one of them, and enrol it anew.`
      this.#refused.note({ fault: 'claimed_twice', why, name, peer: line.peer, hostId })
    }
  }

  #speaksOurProtocol(session: Session, name: string, protocol: number, answer: Answer): boolean {
    if (protocol >= oldestProtocol && protocol <= protocolVersion) return true
    const known =
      oldestProtocol === protocolVersion ? `${protocolVersion}` : `${oldestProtocol} to ${protocolVersion}`
    const why = `it speaks protocol ${protocol}, and control ${known}. Update the agent.`
    this.#turnAway(session, 'other_protocol', name, why, answer)
    return false
  }

  #turnAway(
    session: Session,
    fault: AgentFault,
    name: string,
    why: string,
    answer: Answer,
    hostId: HostId | null = null,
  ): void {
    answer({ refused: why.slice(0, 500) })
    session.close(why)
    this.#refused.note({ fault, why, name, peer: session.line.peer, hostId })
  }

  // ---- what they report --------------------------------------------------------------------------------------

  #heartbeat(session: Session, heartbeat: Heartbeat): void {
    const hostId = session.hostId!
    const { world, writer } = this.#ports
    const live = liveOf(world, hostId, this.now())
    noteHeartbeat(live, heartbeat, this.now())
    const sure = this.#ports.isSure()
    session.line.heard({ n: heartbeat.n, renews: sure })
    if (this.#isOnlyCompany(session, sure)) {
      session.close('this control daemon cannot be sure that it still leads; another one may')
      return
    }
    const host = world.tables.host.get(hostId)
    if (!host || host.state === 'connected' || this.#hearing.has(hostId)) return
    // One that is proven dead has to say everything anew: what it says of now is asked for.
    if (host.state === 'fenced') {
      this.ask({ hostId, ask: { what: 'report' }, delayMs: 0 })
      return
    }
    // A host that comes back reports first.
    if (live.reportedAt === null || host.state === 'connecting') return
    this.#hearing.add(hostId)
    void writer
      .propose(drover, (w, ctx) => decideHeard(w, { hostId }, ctx))
      .finally(() => this.#hearing.delete(hostId))
  }

  /**
   * Whether an agent should look elsewhere: this daemon may have been deposed without knowing, and its successor takes a
   * host for silent that only talks to the wrong one. Who has just come from there gets longer.
   */
  #isOnlyCompany(session: Session, sure: boolean): boolean {
    if (sure) {
      this.#unsureSince = null
      return false
    }
    const now = this.now()
    this.#unsureSince ??= now
    const since = Math.max(this.#unsureSince, session.openedAt)
    return now - since >= (session.openedAt > this.#unsureSince ? cameBackMs : unsureMs)
  }

  /** Answered once it is written down: only then may its agent count on nobody counting on it. */
  async #goodbye(session: Session, said: SaidGoodbye, answer: Answer): Promise<void> {
    const hostId = session.hostId!
    const noted = await this.#ports.writer.propose(drover, (w, ctx) =>
      decideGoodbye(w, { hostId, said }, ctx),
    )
    this.#settle(noted, answer)
  }

  async #report(session: Session, report: Report, answer: Answer): Promise<void> {
    const hostId = session.hostId!
    if (report.n <= session.lastN) return answer({ received: true })
    session.lastN = report.n
    const { world, writer } = this.#ports
    const live = liveOf(world, hostId, this.now())
    const removed = noteSightings(live, report.domains, [], true, this.now())
    const said = { hostId, domains: report.domains, removed, full: true }
    // Two decisions in one breath: the VMs are read in the light of the datastores and networks just found.
    const [host, vms] = await Promise.all([
      writer.propose(drover, (w, ctx) => decideReport(w, { hostId, report }, ctx)),
      writer.propose(drover, (w, ctx) => decideSightings(w, said, ctx)),
    ])
    this.#settle(vms.ok && !host.ok ? host : vms, answer)
  }

  async #changed(
    session: Session,
    n: number,
    domains: Sightings['domains'],
    gone: readonly string[],
    answer: Answer,
  ): Promise<void> {
    const hostId = session.hostId!
    if (n <= session.lastN) return answer({ received: true })
    const missed = n > session.lastN + 1
    session.lastN = n
    const { world, writer } = this.#ports
    const live = liveOf(world, hostId, this.now())
    // Without the first report there is nothing to compare with; with a gap in the numbers something was lost.
    if (live.reportedAt === null || missed) this.ask({ hostId, ask: { what: 'report' }, delayMs: 0 })
    if (live.reportedAt === null) return answer({ received: true })
    const removed = noteSightings(live, domains, gone, false, this.now())
    const said = { hostId, domains, removed, full: false }
    this.#settle(await writer.propose(drover, (w, ctx) => decideSightings(w, said, ctx)), answer)
  }

  #settle(
    proposed:
      | { ok: true; value: HostAsk[] | null }
      | { ok: false; refusals: Parameters<typeof sayRefusals>[0] },
    answer: Answer,
  ): void {
    if (!proposed.ok) answer({ refused: sayRefusals(proposed.refusals).slice(0, 500) })
    else {
      answer({ received: true })
      for (const ask of proposed.value ?? []) this.ask(ask)
    }
  }

  // ---- what they are asked -----------------------------------------------------------------------------------

  async #ask(hostId: HostId, ask: Ask): Promise<void> {
    const session = this.#ready.get(hostId)
    if (!session) return
    let reply: unknown
    try {
      reply = await session.line.ask(ask)
    } catch {
      // No answer: the report that follows a new line, or the next one on schedule, makes up for it.
      return
    }
    if (!session.open) return
    if (ask.what === 'report') {
      const report = reportSchema.safeParse(reply)
      if (report.success) await this.#report(session, report.data, () => {})
      return
    }
    if (ask.what !== 'definition') return
    const parsed = definitionReplySchema.safeParse(reply)
    const definition = parsed.success ? parsed.data.definition : null
    if (!definition) return
    const input = { hostId, uuid: ask.uuid, definition }
    await this.#ports.writer.propose(drover, (world) => decideDefinition(world, input))
  }
}

const definitionReplySchema = z.object({ definition: definitionSchema.nullable() })
