import { createHash } from 'node:crypto'
import {
  type Connection,
  DOMAIN_XML,
  type DomainStateInfo,
  describeState,
  isLibvirtError,
  type Domain as Ref,
  STATS_GROUPS,
  STATS_OF,
} from '@drover/libvirt'
import type { Definition, Domain } from '@drover/protocol'
import type { Clock } from '../../clock'
import { readDiskHeader } from '../../disk/header'
import { HypervisorError } from '../../port'
import type { Job, Jobs } from './jobs'
import { type ParsedDomain, parseDomain } from './parse'
import { stateOf } from './state'

/** Changes that libvirt does not announce are seen after this at the latest. */
const freshMs = 10_000
/** One domain that libvirt is busy with does not hold up the news of all the others. */
const patienceMs = 1_000

interface Known {
  at: number
  /** libvirt's number of this run of the domain; -1 while it is off. */
  id: number
  now: ParsedDomain
  definitionSha256: string
  persistent: boolean
  sizes: Map<string, number>
}

const none: Job = { kind: 'none', stats: {} }

/** All domains of a host as Drover sees them. XML is read when libvirt says that it changed, not at every look. */
export class Inventory {
  private readonly known = new Map<string, Known>()

  constructor(
    private readonly clock: Clock,
    private readonly jobs: Jobs,
  ) {}

  forget(uuid: string): void {
    this.known.delete(uuid)
  }

  async list(connection: Connection): Promise<Domain[]> {
    const records = await connection.domain.stats({ groups: STATS_GROUPS.state, flags: STATS_OF.noWait })
    this.jobs.areActive(
      new Set(records.filter(({ domain }) => domain.id !== -1).map(({ domain }) => domain.uuid)),
    )
    const domains = await Promise.all(
      records.map(({ domain, stats }) => {
        const [stateCode, reasonCode] = [Number(stats['state.state']), Number(stats['state.reason'])]
        return this.describe(connection, domain, { stateCode, reasonCode }, false)
      }),
    )
    const there = new Set(records.map((record) => record.domain.uuid))
    for (const uuid of this.known.keys()) if (!there.has(uuid)) this.known.delete(uuid)
    return domains.filter((domain) => domain !== null)
  }

  /** `sure`: waits until libvirt says what it does with it; rejects with `busy` when it does not for half a minute. */
  async one(connection: Connection, uuid: string, sure: boolean): Promise<Domain | null> {
    const ref = await unlessGone(connection.domain.byUuid(uuid))
    if (!ref) return null
    const state = await unlessGone(connection.domain.state(ref))
    return state && this.describe(connection, ref, state, sure)
  }

  private async describe(
    connection: Connection,
    ref: Ref,
    { stateCode, reasonCode }: Pick<DomainStateInfo, 'stateCode' | 'reasonCode'>,
    sure: boolean,
  ): Promise<Domain | null> {
    const active = ref.id !== -1
    const [known, job] = await Promise.all([
      this.read(connection, ref),
      active ? this.jobs.ask(ref.uuid, sure ? undefined : patienceMs) : none,
    ])
    if (active) {
      // Between the two answers it may have ended, left or arrived: only what still holds is put together.
      const now = await unlessGone(connection.domain.state(ref))
      if (now?.stateCode !== stateCode || now.reasonCode !== reasonCode)
        return this.one(connection, ref.uuid, sure)
    }
    if (!job && sure)
      throw new HypervisorError('busy', `libvirt is busy with ${ref.name} and says nothing of it.`)
    const kind = job?.kind ?? (this.jobs.wasLeaving(ref.uuid) ? ('migration-out' as const) : null)
    if (!known) return null
    const { name, vcpus, memoryBytes, disks, nics, bound } = known.now
    return {
      uuid: ref.uuid,
      name: name || ref.name,
      ...stateOf(describeState(stateCode, reasonCode), kind),
      vcpus,
      memoryBytes,
      disks: disks.map(({ path, format }) => ({ path, format, sizeBytes: known.sizes.get(path) ?? 0 })),
      nics,
      ...(bound ? { bound } : {}),
      persistent: known.persistent,
      definitionSha256: known.definitionSha256,
      job: kind ?? 'other',
    }
  }

  private async read(connection: Connection, ref: Ref): Promise<Known | null> {
    const old = this.known.get(ref.uuid)
    const at = this.clock.now()
    if (old && old.id === ref.id && at - old.at < freshMs) return old
    const [definition, live, persistent] = await Promise.all([
      readDefinition(connection, ref),
      ref.id === -1 ? null : unlessGone(connection.domain.xml(ref, DOMAIN_XML.secure)),
      unlessGone(connection.domain.isPersistent(ref)),
    ])
    if (!definition || persistent === null) return null
    const now = parseDomain(live ?? definition.text)
    const sizes = new Map<string, number>()
    await Promise.all(
      now.disks.map(async ({ path }) => {
        const header = await readDiskHeader(path).catch(() => null)
        if (header) sizes.set(path, header.sizeBytes)
      }),
    )
    const known = { at, id: ref.id, now, definitionSha256: definition.sha256, persistent, sizes }
    this.known.set(ref.uuid, known)
    return known
  }
}

/** What is kept of a domain for its next start, with its secrets; null when it has gone. */
export async function readDefinition(
  connection: Connection,
  ref: Pick<Ref, 'uuid'>,
): Promise<Definition | null> {
  const text = await unlessGone(connection.domain.xml(ref, DOMAIN_XML.secure | DOMAIN_XML.inactive))
  if (text === null) return null
  return { format: 'libvirt-xml', text, sha256: createHash('sha256').update(text).digest('hex') }
}

export async function unlessGone<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise
  } catch (error) {
    if (isLibvirtError(error, 'no_domain')) return null
    throw error
  }
}
