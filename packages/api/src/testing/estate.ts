import { createControl, directPlanner } from '@drover/control'
import { FenceError, type FenceTarget, type Fencing } from '@drover/fencing'
import {
  type Change,
  defaultHaSettings,
  type FenceAnswer,
  type FenceParameter,
  type Host,
  type HostId,
  lookedAfter,
  newHostLive,
  type Refusal,
  type Role,
  type RowWrite,
  soundHost,
  type User,
  type Vm,
  type VmId,
} from '@drover/model'
import { MemoryStore } from '@drover/store'
import type { TRPCError } from '@trpc/server'
import type { Accounts } from '../accounts'
import type { ApiContext } from '../context'
import { Refused } from '../refused'
import { appRouter } from '../router'
import { createCallerFactory } from '../trpc'

const gib = 1024 ** 3
const startedAt = 1_000_000_000

/** Time stands still: nothing happens by itself, so only what the API is asked for changes anything. */
const clock = { now: () => startedAt, setTimer: () => () => {} }
const quiet = { info() {}, warn() {}, error() {} }

/**
 * A control daemon with a cluster of three hosts that share a datastore, each with 16 GiB, for tests of the API: `web` and
 * `db` run on the first. Fence programs are fakes that say what a test has them say, and remember what they were given.
 */
export class Estate {
  readonly runs: { action: string; target: FenceTarget }[] = []
  answer: FenceAnswer = { power: 'on', message: 'ok' }
  control!: ReturnType<typeof createControl>

  static async begin(): Promise<Estate> {
    const estate = new Estate()
    let chance = 0
    estate.control = createControl({
      daemon: 'one',
      clock,
      random: {
        uuid: () => `00000000-0000-4000-8000-${String(++chance).padStart(12, '0')}`,
        hex: (bytes) => String(++chance).padStart(bytes * 2, '0'),
      },
      log: quiet,
      store: new MemoryStore(clock),
      fencing: estate.#fencing,
      secrets: {
        seal: (text) => `sealed:${Buffer.from(text).toString('hex')}`,
        open: (sealed) => unseal(sealed),
      },
      planner: directPlanner,
      reaches: async () => true,
    })
    await estate.control.start()
    await estate.#furnish()
    return estate
  }

  as(role: Role) {
    const user: User = { id: `user-${role}`, name: role, role }
    const context: ApiContext = {
      control: this.control,
      user,
      accounts: {} as Accounts,
      about: {} as ApiContext['about'],
      now: clock.now,
      sourceAddress: '192.0.2.1',
    }
    return createCallerFactory(appRouter)(context)
  }

  host(id: HostId): Host {
    return this.control.world.tables.host.get(id)!
  }
  vm(id: VmId): Vm {
    return this.control.world.tables.vm.get(id)!
  }

  /** Rows as they might have become, without the story of how. */
  async put(...rows: RowWrite[]): Promise<void> {
    const body = { kind: 'cluster.changed', cluster: { id: 'cluster-1', name: 'blue' }, fields: [] } as const
    const change: Change = [{ body, initiator: { kind: 'drover' }, rows }]
    await this.control.propose({ kind: 'drover' }, () => ({ ok: true, change, value: null }))
  }
  setHost(id: HostId, set: Partial<Host>): Promise<void> {
    return this.put({ table: 'host', id, row: { ...this.host(id), ...set } })
  }

  async #furnish(): Promise<void> {
    for (const id of ['host-1', 'host-2', 'host-3'] as const)
      this.control.world.live.set(id, { ...newHostLive(startedAt), reportedAt: startedAt })
    const cluster = {
      id: 'cluster-1',
      datacenterId: 'datacenter-1',
      name: 'blue',
      migrationLimits: { perHost: 2, perNetwork: 8, perDatastore: 8 },
      ha: defaultHaSettings,
    } as const
    await this.put(
      { table: 'datacenter', id: 'datacenter-1', row: { id: 'datacenter-1', name: 'north' } },
      { table: 'cluster', id: 'cluster-1', row: cluster },
      {
        table: 'network',
        id: 'network-1',
        row: { id: 'network-1', datacenterId: 'datacenter-1', name: 'lan' },
      },
      {
        table: 'datastore',
        id: 'datastore-1',
        row: {
          id: 'datastore-1',
          datacenterId: 'datacenter-1',
          uuid: '00000000-0000-4000-8000-0000000000aa',
          name: 'shared',
          capacityBytes: 100 * gib,
          freeBytes: 50 * gib,
          images: [],
        },
      },
      ...([1, 2, 3] as const).map((n): RowWrite => ({ table: 'host', id: `host-${n}`, row: hostRow(n) })),
      { table: 'vm', id: 'vm-1', row: vmRow(1, 'web') },
      { table: 'vm', id: 'vm-2', row: vmRow(2, 'db') },
    )
  }

  readonly #fencing: Fencing = {
    agents: async () => ['fence_fake'],
    describe: async (agent) => {
      if (agent !== 'fence_fake') throw new FenceError(`There is no ${agent} here.`)
      const parameter = (name: string, set: Partial<FenceParameter>): FenceParameter => ({
        name,
        type: 'string',
        required: false,
        secret: false,
        default: null,
        options: [],
        description: name,
        ...set,
      })
      return {
        agent,
        description: 'A fake',
        parameters: [
          parameter('ip', { required: true }),
          parameter('password', { secret: true, required: true }),
          parameter('privlvl', { type: 'select', options: ['user', 'administrator'] }),
        ],
      }
    },
    run: async (action, target) => {
      this.runs.push({ action, target })
      return this.answer
    },
  }
}

/** Why a call was turned down; fails when it was not. */
export async function refusalsOf(asked: Promise<unknown>): Promise<{ code: string; refusals: Refusal[] }> {
  const error = await asked.then(
    () => null,
    (thrown: unknown) => thrown as TRPCError,
  )
  if (!error) throw new Error('it was not refused')
  return { code: error.code, refusals: error.cause instanceof Refused ? error.cause.refusals : [] }
}

function unseal(sealed: string): string {
  return Buffer.from(sealed.slice('sealed:'.length), 'hex').toString()
}

function hostRow(n: 1 | 2 | 3): Host {
  return {
    id: `host-${n}`,
    clusterId: 'cluster-1',
    name: `esx-${n}`,
    address: `10.0.0.${n}`,
    state: 'connected',
    stateSince: startedAt - 60_000,
    mode: 'normal',
    modeReason: null,
    publicKey: '',
    facts: {
      hypervisor: { kind: 'simulated', version: '1', emulatorVersion: '1', accelerator: 'simulated' },
      cpu: { model: 'Epyc', vendor: 'AMD', features: [], cores: 8, mhz: 3_000 },
      memoryBytes: 16 * gib,
      reservedMemoryBytes: gib,
      agentVersion: '1',
      bootId: `boot-${n}`,
      selfFence: null,
    },
    datastores: [{ datastoreId: 'datastore-1', path: '/srv/shared' }],
    networks: ['network-1'],
    enrolledAt: startedAt - 60_000,
    ...soundHost,
  }
}

function vmRow(n: 1 | 2, name: string): Vm {
  return {
    id: `vm-${n}`,
    clusterId: 'cluster-1',
    hostId: 'host-1',
    name,
    uuid: `10000000-0000-4000-8000-00000000000${n}`,
    power: 'running',
    powerSince: startedAt - 60_000,
    powerReason: null,
    vcpus: 2,
    memoryBytes: gib,
    disks: [{ datastoreId: 'datastore-1', path: `vms/${name}/disk0.qcow2`, format: 'qcow2', sizeBytes: gib }],
    nics: [{ networkId: 'network-1', mac: `52:54:00:00:00:0${n}` }],
    ...lookedAfter('running'),
    notes: '',
    tags: [],
    createdAt: startedAt - 60_000,
  }
}
