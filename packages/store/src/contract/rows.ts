import {
  defaultBalanceSettings,
  defaultHaSettings,
  defaultPowerSettings,
  defaultVmHa,
  type Event,
  type EventBody,
  type Initiator,
  type TableName,
  type Tables,
} from '@drover/model'
import type { Batch, Counters } from '../port'

const GiB = 2 ** 30
const day = 86_400_000
export const startAt = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
export const anna: Initiator = { kind: 'user', id: 'u-1', name: 'anna' }

/** One rich row of every table; everything that refers to something refers to another row here. */
export const sample: { [T in TableName]: Tables[T] } = {
  datacenter: { id: 'datacenter-1', name: 'Køge "north" \\ {1,2}' },
  cluster: {
    id: 'cluster-1',
    datacenterId: 'datacenter-1',
    name: 'prod',
    migrationLimits: { perHost: 2, perNetwork: 8, perDatastore: 8 },
    ha: { ...defaultHaSettings, mode: 'hold', modeReason: 'Umbau “A”', referenceAddresses: ['10.0.0.1:22'] },
    balance: { ...defaultBalanceSettings, mode: 'manual', unevenSince: 1_700_000_000_123 },
    power: { ...defaultPowerSettings, mode: 'manual', lowSince: 1_700_000_000_123 },
  },
  host: {
    id: 'host-1',
    clusterId: 'cluster-1',
    name: 'esx-01',
    address: '10.0.0.1',
    state: 'connected',
    stateSince: startAt,
    mode: 'maintenance',
    modeReason: 'disk',
    publicKey: 'a+/=',
    facts: {
      hypervisor: { kind: 'simulated', version: '1', emulatorVersion: '2', accelerator: 'simulated' },
      cpu: { model: 'EPYC', vendor: 'AMD', features: ['avx2', 'svm'], cores: 32, mhz: 2399.998 },
      memoryBytes: 512 * GiB,
      reservedMemoryBytes: 4 * GiB,
      agentVersion: '0.1.0',
      bootId: '5f0c/17',
      selfFence: { watchdog: true },
    },
    datastores: [{ datastoreId: 'datastore-1', path: '/srv/ds' }],
    networks: ['network-1', 'network-2'],
    enrolledAt: startAt - day,
    proof: { by: 'person', at: startAt, text: 'anna saw it', person: 'anna' },
    incidentId: 'incident-1',
    lostAt: [startAt - day, startAt],
    quarantinedUntil: startAt + day,
    held: { at: startAt, bootId: '5f0c/17' },
    standby: { at: startAt, why: 'not needed', decisionId: 'decision-1', byHand: false, until: startAt + 5 },
    wake: { at: startAt, ms: 83_000 },
    powerModel: { idleWatts: 90.5, maxWatts: 210, asleepWatts: 4 },
    leftovers: [{ id: 'vm-9', name: 'old “9”', uuid: '5f0c0000-0000-4000-8000-000000000009' }],
  },
  vm: {
    id: 'vm-1',
    clusterId: 'cluster-1',
    hostId: 'host-1',
    name: 'web-1',
    uuid: '00000000-0000-4000-8000-000000000001',
    power: 'paused',
    powerSince: startAt,
    powerReason: 'no space left\non device',
    vcpus: 4,
    memoryBytes: 8 * GiB,
    disks: [
      { datastoreId: 'datastore-1', path: 'vms/web-1/disk0.qcow2', format: 'qcow2', sizeBytes: 2 ** 40 },
    ],
    nics: [{ networkId: 'network-1', mac: '52:54:00:00:00:01' }],
    strayDisks: ['/dev/sdb'],
    bound: 'uses a PCI device of its host',
    alsoOn: ['host-1'],
    staleOn: ['host-1'],
    desired: 'running',
    ha: { ...defaultVmHa, isolation: 'powerOff' },
    recovery: {
      state: 'waiting',
      cause: 'host_lost',
      since: startAt,
      incidentId: 'incident-1',
      from: { id: 'host-1', name: 'esx-01' },
      tried: [{ hostId: 'host-1', times: 2 }],
      notBefore: null,
      why: [{ code: 'host_fenced', host: { id: 'host-1', name: 'esx-01' } }],
    },
    homeId: 'host-1',
    automation: 'manual',
    notes: 'first line\nsecond “line” 🐑',
    tags: ['', 'a,b', '{c}', '"d"', '\\e', 'NULL'],
    createdAt: startAt - day,
  },
  definition: {
    id: 'vm-1',
    version: 7,
    format: 'libvirt-xml',
    text: '<domain id="1"/>',
    sha256: 'f'.repeat(64),
  },
  datastore: {
    id: 'datastore-1',
    datacenterId: 'datacenter-1',
    name: 'fast',
    uuid: '00000000-0000-4000-8000-00000000000d',
    capacityBytes: Number.MAX_SAFE_INTEGER,
    freeBytes: 0,
    images: [{ path: 'images/debian.qcow2', name: 'debian', format: 'qcow2', sizeBytes: 2 * GiB }],
  },
  network: { id: 'network-1', datacenterId: 'datacenter-1', name: 'lan' },
  task: {
    id: 'task-1',
    kind: 'vm.migrate',
    params: {
      sourceId: 'host-1',
      targetId: 'host-2',
      method: 'live',
      datastoreIds: [],
      options: {
        bandwidthBytesPerSecond: null,
        downtimeMs: 300,
        autoConverge: true,
        postCopy: false,
        deadlineMs: null,
      },
    },
    vmId: 'vm-1',
    vmName: 'web-1',
    host: { id: 'host-1', name: 'esx-01' },
    parentId: 'task-7',
    clusterId: 'cluster-1',
    hostIds: ['host-1', 'host-2'],
    networkIds: ['network-1'],
    datastoreIds: [],
    state: 'running',
    initiator: anna,
    reason: null,
    steps: [
      {
        name: 'migrate',
        state: 'running',
        startedAt: startAt,
        endedAt: null,
        hostId: 'host-1',
        progress: null,
      },
    ],
    commands: 3,
    command: { id: 'task-1/3', hostId: 'host-1', body: { kind: 'vm.migrate' }, cancelled: false },
    result: { ok: true, data: [1, 'two', { three: null }] },
    memo: { uri: 'tcp://h', list: [] },
    waiting: null,
    outcome: null,
    createdAt: startAt,
    startedAt: startAt + 1,
    endedAt: null,
    wakeAt: startAt + 2,
  },
  token: {
    id: 'token-1',
    clusterId: 'cluster-1',
    secretSha256: '0'.repeat(64),
    createdBy: 'anna',
    createdAt: startAt,
    expiresAt: startAt + day,
    usedAt: null,
    usedByHostId: null,
  },
  rule: {
    id: 'rule-1',
    clusterId: 'cluster-1',
    name: 'databases apart',
    kind: 'vm-vm',
    relation: 'apart',
    strict: true,
    vmIds: ['vm-1'],
    hosts: [{ hostId: 'host-1', priority: 2 }],
    enabled: false,
    version: 3,
    createdAt: startAt,
  },
  fence: {
    id: 'fence-1',
    hostId: 'host-1',
    name: 'bmc of esx-01',
    level: 1,
    agent: 'fence_ipmilan',
    params: { ip: '10.0.1.1', lanplus: '1' },
    sealed: { password: 'v1.c2VhbGVk' },
    viaHostId: null,
    delayMs: 500,
    retries: 2,
    timeoutMs: 20_000,
    enabled: true,
    lastTest: { at: startAt, ok: false, power: 'unknown', ms: 20_000, message: 'no answer' },
  },
  incident: {
    id: 'incident-1',
    clusterId: 'cluster-1',
    kind: 'host',
    host: { id: 'host-1', name: 'esx-01' },
    datastore: null,
    title: 'esx-01 was lost',
    state: 'open',
    openedAt: startAt,
    closedAt: null,
    finding: 'hung',
    evidence: [{ side: 'agent', says: 'dead', text: 'silent for 9 s', at: startAt }],
    decision: 'fence it',
    proof: null,
    marks: [{ mark: 'suspect', at: startAt, text: 'silent for 3 s' }],
    vms: [
      {
        vm: { id: 'vm-1', name: 'web-1' },
        tier: 3,
        state: 'waiting',
        taskId: null,
        host: null,
        lostAt: startAt,
        askedAt: null,
        runningAt: null,
        why: null,
      },
    ],
  },
  alarm: {
    id: 'alarm-1',
    clusterId: 'cluster-1',
    about: { id: 'host-1', name: 'esx-01' },
    code: 'fence_test_failed',
    severity: 'warning',
    text: 'bmc of esx-01 does not answer. Check its cable.',
    raisedAt: startAt,
    clearedAt: null,
    acknowledgedBy: 'anna',
  },
  threshold: {
    id: 'threshold-1',
    clusterId: 'cluster-1',
    name: 'hot "CPU"',
    metric: 'cpu',
    above: 0.8500001,
    forMs: 300_000,
    until: 0.7,
    tags: ['a,b', ''],
    hostIds: ['host-1'],
    windows: [{ days: [1, 5], from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' }],
    cooldownMs: 900_000,
    budget: { movesPerHour: 4, bytesPerHour: null },
    minGain: 0.05,
    automation: 'cluster',
    enabled: true,
    aboveSince: { 'host-1': startAt },
    version: 3,
    createdAt: startAt,
  },
  decision: {
    id: 'decision-1',
    clusterId: 'cluster-1',
    by: { id: 'threshold-1', name: 'hot CPU', version: 3, text: 'When CPU is above 85 % …' },
    automatic: false,
    state: 'open',
    person: null,
    at: startAt,
    endedAt: null,
    text: 'esx-01 has been above 85 % for 5 min.',
    before: { cpu: 0.25, memory: 0.1, overloaded: [0], watts: 300.5 },
    after: { cpu: 0.05, memory: 0.1, overloaded: [], watts: 310 },
    hosts: [
      {
        host: { id: 'host-1', name: 'esx-01' },
        before: { cpu: 0.9, memory: 0.5 },
        after: { cpu: 0.6, memory: 0.4 },
      },
    ],
    moves: [
      {
        vm: { id: 'vm-1', name: 'web-1' },
        source: { id: 'host-1', name: 'esx-01' },
        target: { id: 'host-2', name: 'esx-02' },
        step: 0,
        bytes: 8 * GiB,
        seconds: 12.5,
        before: { cpu: 0.25, memory: 0.1, overloaded: [0], watts: 300.5 },
        after: { cpu: 0.05, memory: 0.1, overloaded: [], watts: 310 },
        text: 'It takes 1.5 cores along.',
        against: [{ host: { id: 'host-3', name: 'esx-03' }, text: '2 GiB of memory short.' }],
        state: 'open',
        why: null,
        taskId: null,
      },
    ],
    power: [
      {
        host: { id: 'host-2', name: 'esx-02' },
        act: 'wake',
        text: 'It is needed.',
        until: null,
        state: 'done',
        why: null,
        taskId: 'task-1',
      },
    ],
    inputs: '{"picture":{"at":1}}',
  },
  shadow: {
    id: 'shadow-1',
    clusterId: 'cluster-1',
    name: 'bolder',
    rules: {
      balance: { ...defaultBalanceSettings, level: 5 },
      power: { ...defaultPowerSettings, mode: 'full' },
      thresholds: [],
      rules: [],
      admission: defaultHaSettings.admission,
      overcommitMemory: false,
    },
    since: startAt,
    memory: { moves: [], unevenSince: null, lowSince: startAt, aboveSince: {} },
    days: [
      {
        day: '2026-01-02',
        rounds: 3,
        shadow: { proposals: 1, moves: 2, bytes: 3, sleeps: 0, wakes: 1 },
        active: { proposals: 0, moves: 0, bytes: 0, sleeps: 0, wakes: 0 },
        differences: ['Only the shadow would have moved web-1.'],
      },
    ],
    createdBy: 'anna',
  },
}

/** The same rows with everything left out that may be. */
export const sparse: Partial<{ [T in TableName]: Tables[T] }> = {
  host: {
    ...without(sample.host, 'standby', 'wake', 'powerModel', 'leftovers'),
    modeReason: null,
    facts: null,
    datastores: [],
    networks: [],
  },
  vm: {
    ...without(sample.vm, 'strayDisks', 'bound', 'alsoOn', 'staleOn', 'automation'),
    powerReason: null,
    disks: [],
    nics: [],
    tags: [],
    notes: '',
  },
  task: {
    ...sample.task,
    vmId: null,
    reason: 'why',
    steps: [],
    command: null,
    result: null,
    memo: {},
    startedAt: null,
    wakeAt: null,
    initiator: { kind: 'drover' },
  },
  token: { ...sample.token, usedAt: startAt, usedByHostId: 'host-1' },
}

function without<R extends object, F extends keyof R>(row: R, ...fields: F[]): Omit<R, F> {
  const left = { ...row }
  for (const field of fields) delete left[field]
  return left
}

/** The write of a row. */
export function put<T extends TableName>(table: T, row: Tables[T]): Batch['rows'][number] {
  return { table, id: row.id, row }
}

export const putAll = (rows: Partial<{ [T in TableName]: Tables[T] }>): Batch['rows'] =>
  Object.entries(rows).map(([table, row]) => ({ table: table as TableName, id: row.id, row }))

export const drop = (table: TableName, id: string): Batch['rows'][number] => ({ table, id, row: null })

/** An ended task. */
export function ended(number: number, changes: Partial<Tables['task']> = {}): Tables['task'] {
  return {
    ...sample.task,
    id: `task-${number}`,
    state: 'succeeded',
    createdAt: startAt + number,
    endedAt: startAt + number + 5,
    ...changes,
  }
}

export interface Said {
  body?: EventBody
  at?: number
  initiator?: Initiator
  reason?: string
  severity?: Event['severity']
  subjects?: string[]
  taskId?: Event['taskId']
}

/** Makes the batches of one daemon, each following the last. */
export class Batches {
  counters: Counters

  constructor(
    readonly daemon: string,
    readonly term: number,
    counters: Counters = { seq: 0, hash: '0'.repeat(64), batch: 0, nextIds: {} },
  ) {
    this.counters = counters
  }

  /** The next batch; as if committed, unless `peek`. By default it has one event. */
  next(rows: Batch['rows'], said: Said[] = [{}], peek = false): Batch {
    const events = said.map((event, i): Event => {
      const seq = this.counters.seq + 1 + i
      return {
        seq,
        at: startAt + seq,
        initiator: { kind: 'drover' },
        body: { kind: 'vm.deleted', vm: { id: 'vm-1', name: `web-${seq}` } },
        reason: null,
        severity: 'info',
        subjects: ['vm-1'],
        taskId: null,
        rows: [{ table: 'vm', id: 'vm-1', set: null }],
        hash: seq.toString(16).padStart(64, '0'),
        ...event,
      }
    })
    const counters: Counters = {
      seq: this.counters.seq + events.length,
      hash: events.at(-1)?.hash ?? this.counters.hash,
      batch: this.counters.batch + 1,
      nextIds: { vm: this.counters.batch + 2, task: 1 },
    }
    const batch = { number: counters.batch, term: this.term, daemon: this.daemon, events, rows, counters }
    if (!peek) this.counters = counters
    return batch
  }
}
