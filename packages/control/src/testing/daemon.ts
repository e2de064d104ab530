import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { decideCreateCluster, decideCreateDatacenter } from '@drover/engine'
import { noFencing } from '@drover/fencing'
import type { AgentFault, CommandResult, Initiator } from '@drover/model'
import type { Duties, Heard } from '@drover/protocol'
import {
  type Ask,
  type Cancel,
  type Challenge,
  type Command,
  type Domain,
  protocolVersion,
  type Report,
  signedText,
} from '@drover/protocol'
import { MemoryStore } from '@drover/store'
import { createControl } from '../create'
import { directPlanner } from '../plan/direct'
import type { AgentLine, AgentSession, ControlPorts } from '../ports'
import { settled, TestClock } from './clock'

export const ada: Initiator = { kind: 'user', id: 'user-1', name: 'ada' }

/** A control daemon on a virtual clock and a store in memory; give both to a second one to have a standby. */
export function daemon(
  { clock, store }: { clock: TestClock; store: MemoryStore } = stage(),
  name = 'control-1',
  ports: Partial<ControlPorts> = {},
) {
  let n = 0
  const next = (digits: number) => {
    n += 1
    return String(n).padStart(digits, '0')
  }
  const refused: AgentFault[] = []
  const all: ControlPorts = {
    daemon: name,
    clock,
    store,
    fencing: noFencing,
    secrets: { seal: (text) => `sealed ${text}`, open: (sealed) => sealed.slice('sealed '.length) },
    planner: directPlanner,
    reaches: async () => true,
    onAgentRefused: (fault) => refused.push(fault),
    log: { info: () => {}, warn: () => {}, error: () => {} },
    random: {
      uuid: () => `00000000-0000-4000-8000-${next(12)}`,
      hex: (bytes) => next(bytes * 2),
    },
    ...ports,
  }
  return { control: createControl(all), clock, store, refused }
}

export function stage(): { clock: TestClock; store: MemoryStore } {
  const clock = new TestClock()
  return { clock, store: new MemoryStore(clock) }
}

export const gib = 1024 ** 3

/** An agent that says what a test has it say: the wire's other end, with a key of its own. */
export class TestAgent implements AgentLine {
  readonly peer = '10.0.0.9'
  readonly commands: Command[] = []
  readonly cancels: Cancel[] = []
  readonly asks: Ask[] = []
  readonly heards: Heard[] = []
  readonly dutiesSaid: Duties[] = []
  closedBecause: string | null = null
  hostId = ''
  bootId = 'boot-1'
  selfFence: { watchdog: boolean } | null = null
  domains: Domain[] = []
  /** Null: no answer. */
  ack: object | null = { accepted: true }
  #session!: AgentSession
  #nonce = ''
  #n = 0

  constructor(
    readonly name: string,
    readonly keys: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('ed25519'),
  ) {}

  get publicKey(): string {
    return this.keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(12).toString('base64')
  }

  // ---- the line, as control uses it

  challenge(message: Challenge): void {
    this.#nonce = message.nonce
  }
  async command(message: Command): Promise<unknown> {
    this.commands.push(message)
    if (this.ack === null) throw new Error('no answer')
    return this.ack
  }
  cancel(message: Cancel): void {
    this.cancels.push(message)
  }
  heard(message: Heard): void {
    this.heards.push(message)
  }
  duties(message: Duties): void {
    this.dutiesSaid.push(message)
    if (this.selfFence && this.obeys) queueMicrotask(() => void this.sayReport())
  }
  /** False: it takes up no new duties. */
  obeys = true
  #lease: NonNullable<Report['facts']['selfFence']>['lease'] = null
  #selfFence(): Report['facts']['selfFence'] {
    const duties = this.dutiesSaid.at(-1)
    if (this.obeys)
      this.#lease = duties?.leaseMs ? { ms: duties.leaseMs, datastores: duties.datastores! } : null
    return this.selfFence && { ...this.selfFence, lease: this.#lease }
  }
  async ask(message: Ask): Promise<unknown> {
    this.asks.push(message)
    if (message.what === 'report') return this.report()
    if (message.what !== 'definition') return { power: 'unknown', message: '' }
    return { definition: { format: 'simulated', text: message.uuid, sha256: 'sha' } }
  }
  close(why: string): void {
    this.closedBecause = why
  }

  // ---- what a test has it do

  connect(control: { agentConnected(line: AgentLine): AgentSession }): void {
    this.closedBecause = null
    this.#session = control.agentConnected(this)
  }
  lose(): void {
    this.#session.closed()
  }
  oversize(bytes: number): void {
    this.#session.oversize(bytes)
  }
  /** Says something, and waits for what there is of an answer. */
  async say(event: string, payload: unknown): Promise<Record<string, unknown> | undefined> {
    let answer: unknown
    this.#session.receive(event, payload, (reply) => {
      answer = reply
    })
    await settled()
    await settled()
    return answer as Record<string, unknown> | undefined
  }
  async enrol(token: string, protocol = protocolVersion) {
    const { name, publicKey } = this
    const answer = await this.say('enrol', { protocol, token, name, address: '10.0.0.9', publicKey })
    this.hostId = String(answer?.hostId ?? '')
    return answer
  }
  hello(protocol = protocolVersion) {
    const signature = sign(null, Buffer.from(signedText(this.hostId, this.#nonce)), this.keys.privateKey)
    return this.say('hello', {
      protocol,
      hostId: this.hostId,
      signature: signature.toString('base64'),
      agentVersion: '1',
      address: '10.0.0.9',
      bootId: this.bootId,
    })
  }
  sayReport() {
    return this.say('report', this.report())
  }
  heartbeat(message: object = { n: 1, usage: null, vms: {} }) {
    this.#session.receive('heartbeat', message)
  }
  changed(domains: Domain[], removed: string[] = []) {
    this.#n += 1
    this.domains = [
      ...this.domains.filter(({ uuid }) => !removed.includes(uuid) && !domains.some((d) => d.uuid === uuid)),
      ...domains,
    ]
    return this.say('changed', { n: this.#n, domains, removed })
  }
  result(commandId: string, result: CommandResult) {
    return this.say('result', { commandId, result })
  }
  report(): Report {
    this.#n += 1
    return {
      n: this.#n,
      facts: {
        hypervisor: { kind: 'simulated', version: '1', emulatorVersion: '1', accelerator: 'simulated' },
        cpu: { model: 'Epyc', vendor: 'AMD', features: [], cores: 8, mhz: 3_000 },
        memoryBytes: 16 * gib,
        reservedMemoryBytes: gib,
        agentVersion: '1',
        bootId: this.bootId,
        selfFence: this.#selfFence(),
      },
      domains: this.domains,
      datastores: [
        {
          uuid: '00000000-0000-4000-8000-0000000000aa',
          name: 'shared',
          path: '/mnt/shared',
          capacityBytes: 100 * gib,
          freeBytes: 50 * gib,
          images: [],
        },
      ],
      networks: ['lan'],
    }
  }
}

export function domain(n: number, state: Domain['state'] = 'running'): Domain {
  return {
    uuid: `10000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    name: `web-${n}`,
    state,
    reason: null,
    vcpus: 2,
    memoryBytes: gib,
    disks: [{ path: `/mnt/shared/vms/web-${n}/disk0.qcow2`, format: 'qcow2', sizeBytes: gib }],
    nics: [{ network: 'lan', mac: '52:54:00:00:00:01' }],
    persistent: true,
    definitionSha256: 'sha',
    job: 'none',
  }
}

/** A daemon that leads, a cluster, and as many hosts with connected agents that have reported. */
export async function estate(hosts: number, on = daemon()) {
  const { control, clock, store, refused } = on
  await control.start()
  const datacenter = await control.propose(ada, (w, c) => decideCreateDatacenter(w, { name: 'north' }, c))
  if (!datacenter.ok) throw new Error('no datacenter')
  const { datacenterId } = datacenter.value
  await control.propose(ada, (w, c) => decideCreateCluster(w, { datacenterId, name: 'blue' }, c))
  const agents: TestAgent[] = []
  for (let n = 1; n <= hosts; n += 1) {
    const made = await control.createJoinToken(ada, 'cluster-1')
    if (!made.ok) throw new Error('no token')
    const agent = new TestAgent(`esx-${n}`)
    agent.connect(control)
    await agent.enrol(made.value.token)
    await agent.hello()
    agent.domains = [domain(n)]
    await agent.sayReport()
    agents.push(agent)
  }
  await settled()
  return { control, clock, store, refused, agents, datacenterId }
}
