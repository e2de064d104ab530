import { decideCreateToken } from '@drover/engine'
import { type Event, emptyWorld, type Health } from '@drover/model'
import type { Control, HistoryCheck, Proposed } from './control'
import { FenceDesk } from './fence/desk'
import { sha256 } from './hosts/identity'
import { Leader } from './leader/leader'
import type { AgentSession, ControlPorts } from './ports'
import { Publisher, snapshotOf } from './publish/publisher'
import { publicEvent, publicTask } from './publish/redact'
import { chainHash, firstHash } from './writer/chain'

const joinTokenMs = 3_600_000
const eventsPerPage = 2_000

/** A control daemon over these ports. It does nothing until it is started. */
export function createControl(ports: ControlPorts): Control {
  const { clock, store, random } = ports
  const publisher = new Publisher(clock)
  const leader = new Leader(ports, publisher, () => publisher.health(health()))
  const nobody = emptyWorld()

  function health(): Health {
    const term = leader.current
    return {
      term: leader.term,
      seq: term?.writer.seq ?? 0,
      leading: term !== null,
      // Also while nobody changes anything: the lease is renewed all the time.
      databaseAwaySince: term?.writer.awaySince ?? leader.awaySince,
    }
  }

  const propose: Control['propose'] = (initiator, decide, reason) =>
    leader.current?.writer.propose(initiator, decide, reason) ??
    Promise.resolve({ ok: false, refusals: [{ code: 'not_leading' }] })

  return {
    start: () => leader.start(),
    stop: () => leader.stop(),
    health,
    get world() {
      return leader.current?.world ?? nobody
    },
    snapshot: () => {
      publisher.usageInFull()
      const { term, seq } = health()
      return snapshotOf(leader.current?.world ?? nobody, term, seq, clock.now())
    },
    propose,
    agentConnected(line) {
      if (leader.current) return leader.current.hosts.connect(line)
      line.close('this control daemon is a standby; another one leads')
      return deaf
    },
    subscribe: (sink) => publisher.subscribe(sink),
    events: async (query) => (await store.events(query)).map(publicEvent),
    usage: (query) => store.usage.series(query),
    tasks: async (query) => (await store.tasks(query)).map(publicTask),
    incidents: (query) => store.incidents(query),
    decisions: (query) => store.decisions(query),
    plan: (job) => ports.planner.plan(job),
    backtests: {
      start: (input) =>
        leader.current?.backtests.start(input) ?? { ok: false, refusals: [{ code: 'not_leading' }] },
      show: (id) => leader.current?.backtests.show(id) ?? null,
      list: (clusterId) => leader.current?.backtests.list(clusterId) ?? [],
      cancel: (id) => leader.current?.backtests.cancel(id) ?? false,
    },
    fences: new FenceDesk(ports),
    testFence: (initiator, fenceId) =>
      leader.current?.fenceTests.test(initiator, fenceId) ??
      Promise.resolve({ ok: false, refusals: [{ code: 'not_leading' }] }),
    verifyHistory: () =>
      verifyHistory((afterSeq) => store.events({ afterSeq, ascending: true, limit: eventsPerPage })),
    async createJoinToken(initiator, clusterId, expiresInMs = joinTokenMs) {
      const token = `drover_${random.hex(24)}`
      const input = { clusterId, secretSha256: sha256(token), expiresInMs }
      const made = await propose(initiator, (world, ctx) => decideCreateToken(world, input, ctx))
      if (!made.ok) return made
      const value = { token, expiresAt: made.value.expiresAt }
      return { ok: true, value, seq: made.seq } satisfies Proposed<typeof value>
    },
  }
}

const deaf: AgentSession = { receive: () => {}, oversize: () => {}, closed: () => {} }

/** Walks the chain from the first event; the first link that does not hold is where history was changed or cut. */
async function verifyHistory(page: (afterSeq: number) => Promise<Event[]>): Promise<HistoryCheck> {
  let seq = 0
  let hash = firstHash
  for (;;) {
    const events = await page(seq)
    for (const event of events) {
      if (event.seq !== seq + 1)
        return { ok: false, brokenAtSeq: seq + 1, why: `event ${seq + 1} is missing` }
      if (chainHash(hash, event) !== event.hash)
        return { ok: false, brokenAtSeq: event.seq, why: `event ${event.seq} is not as it was written` }
      seq = event.seq
      hash = event.hash
    }
    if (events.length < eventsPerPage) return { ok: true, events: seq, lastSeq: seq, lastHash: hash }
  }
}
