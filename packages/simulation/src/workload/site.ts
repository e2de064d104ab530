import type { DatacenterDescription } from '@drover/hypervisor/simulated'
import type { HaSettings, VmHa } from '@drover/model'
import type { DeviceDescription } from '../fence/device'
import { Random } from '../random/random'
import type { Shape } from '../world/description'
import { bareSite, type LoadSite, type RuleDescription, type Site } from '../world/site'

const GiB = 1024 ** 3

/** Something beyond the hosts that control asks whether it can still reach anything. */
export const reference = 'gateway:443'

/** Whether a seed is about load as well: a cluster that evens it out and saves power by itself. */
export function isAboutLoad(seed: number): boolean {
  return new Random(seed ^ 0x10ad).chance(0.15)
}

export function drawShape(seed: number): Shape {
  const random = new Random(seed ^ 0x54a9e)
  if (isAboutLoad(seed))
    return {
      hosts: random.between(3, 5),
      shared: { running: random.between(4, 9), off: 1 },
      local: { running: random.between(0, 1), off: 0 },
      vcpus: 4,
    }
  return {
    hosts: Number(random.weighted({ '2': 1, '3': 5, '4': 3, '5': 1 })),
    shared: { running: random.between(1, 6), off: random.between(0, 2) },
    local: { running: random.between(0, 2), off: random.between(0, 1) },
    datastores: random.chance(0.3) ? 2 : 1,
  }
}

/** What operators have set up, drawn from the seed: every mixture of devices, leases, rules and settings. */
export function drawSite(seed: number, description: DatacenterDescription): Site {
  const random = new Random(seed ^ 0x517e)
  if (random.chance(0.06) && !isAboutLoad(seed)) return bareSite
  const hosts = description.hosts.map(({ name }) => name)
  const vms = description.vms.map(({ name }) => name)
  const fencing = random.weighted({ bmc: 5, both: 3, outlets: 1, none: 1 })
  return {
    ha: drawSettings(random),
    devices: fencing === 'none' ? [] : hosts.flatMap((host) => drawDevices(random, host, hosts, fencing)),
    selfFence: drawSelfFence(random, hosts),
    rules: drawRules(random, hosts, vms),
    vms: Object.fromEntries(vms.filter(() => random.chance(0.5)).map((vm) => [vm, drawVmHa(random)])),
    bootMs: random.between(3_000, 25_000),
    locks: random.chance(0.6),
    load: isAboutLoad(seed) ? drawLoadSite(new Random(seed ^ 0x10ad2), hosts, vms) : null,
  }
}

/** Short enough for several rounds within a run. */
function drawLoadSite(random: Random, hosts: string[], vms: string[]): LoadSite {
  const idle = random.chance(0.6)
  return {
    idle,
    balance: {
      mode: random.chance(0.85) ? 'full' : 'manual',
      by: random.chance(0.85) ? 'actual-load' : 'configured-size',
      aim: random.chance(0.7) ? 'spread' : 'overload',
      level: null,
      spread: random.pick([0.03, 0.08]),
      limit: random.pick([0.75, 0.9]),
      holdMs: random.pick([10_000, 15_000, 20_000]),
      cooldownMs: random.pick([30_000, 120_000, 900_000]),
      movesAtOnce: random.between(1, 4),
      budget: {
        movesPerHour: random.pick([2, 5, 30, null]),
        bytesPerHour: random.pick([null, null, 4 * GiB]),
      },
    },
    power: {
      mode: idle || random.chance(0.5) ? 'full' : 'off',
      minAwake: random.between(1, 2),
      reserve: random.pick([0, 0.1, 0.25]),
      fillTo: random.pick([0.6, 0.75]),
      holdMs: random.pick([10_000, 20_000]),
      dwellMs: random.pick([20_000, 40_000]),
      wakeAheadMs: 60_000,
    },
    proven: hosts.filter(() => random.chance(0.85)),
    tagged: vms.filter(() => random.chance(0.5)),
  }
}

function drawSettings(random: Random): Partial<HaSettings> {
  return {
    mode: 'armed',
    isolatedHost: random.chance(0.25) ? 'fence' : 'leave',
    isolationResponse: random.weighted({ leave: 4, shutdown: 1, powerOff: 1 }),
    leaseMs: random.pick([10_000, 20_000, 30_000]),
    storm: { hosts: random.between(2, 3), share: random.pick([0.3, 0.5, 0.7]) },
    referenceAddresses: random.chance(0.5) ? [reference] : [],
    fenceQuietMs: random.chance(0.2) ? random.between(2_000, 20_000) : 0,
    flap: { times: 4, windowMs: 3_600_000, quarantineMs: 120_000 },
    startsPerHost: random.between(1, 4),
    tierTimeoutMs: random.pick([20_000, 120_000]),
    admission: {
      by: random.pick(['hosts', 'share'] as const),
      hostFailures: 1,
      reservedShare: 0.25,
      action: random.weighted({ warn: 3, refuse: 1, off: 1 }),
    },
  }
}

function drawDevices(
  random: Random,
  host: string,
  hosts: string[],
  kind: 'bmc' | 'both' | 'outlets',
): DeviceDescription[] {
  const others = hosts.filter((other) => other !== host)
  const via = random.chance(0.2) ? random.pick(others) : null
  const bmc: DeviceDescription = {
    ...{ name: `bmc-${host}`, host, kind: 'bmc', level: 1, via },
    sharesPower: random.chance(0.6),
    offAfterMs: random.between(200, 3_000),
  }
  const first = kind === 'outlets' ? 1 : 2
  const outlets = ['a', 'b'].map(
    (leg): DeviceDescription => ({ name: `pdu-${host}-${leg}`, host, kind: 'outlet', level: first }),
  )
  return kind === 'bmc' ? [bmc] : kind === 'outlets' ? outlets : [bmc, ...outlets]
}

function drawSelfFence(random: Random, hosts: string[]): Site['selfFence'] {
  const share = random.pick([0, 0.5, 1])
  // Without a watchdog a host that hangs, or whose agent is dead, would not keep the word that is relied on.
  return Object.fromEntries(
    hosts.filter(() => random.chance(share)).map((host) => [host, { watchdog: true }]),
  )
}

function drawRules(random: Random, hosts: string[], vms: string[]): RuleDescription[] {
  const shared = vms.filter((vm) => vm.startsWith('web'))
  const rules: RuleDescription[] = []
  if (shared.length >= 2 && random.chance(0.5)) {
    const relation = random.chance(0.75) ? 'apart' : 'together'
    const strict = random.chance(0.7)
    rules.push({ name: `${relation}-1`, relation, strict, vms: shared.slice(0, 2), hosts: [] })
  }
  if (shared.length >= 3 && hosts.length >= 3 && random.chance(0.3)) {
    const relation = random.chance(0.5) ? 'on' : 'notOn'
    const where = relation === 'on' ? hosts.slice(0, 2) : hosts.slice(-1)
    rules.push({
      name: `${relation}-1`,
      relation,
      strict: random.chance(0.6),
      vms: [shared[2]!],
      hosts: where,
    })
  }
  return rules
}

function drawVmHa(random: Random): Partial<VmHa> {
  return {
    restart: random.weighted({ protected: 6, bestEffort: 2, none: 1 }),
    tier: random.pick([1, 2, 3, 4, 5] as const),
    readyMs: random.chance(0.3) ? random.between(500, 8_000) : 0,
    isolation: random.chance(0.3) ? random.pick(['leave', 'shutdown', 'powerOff'] as const) : null,
    retries: { sameHost: random.between(0, 2), otherHosts: random.between(1, 3) },
    failback: random.chance(0.2),
  }
}

/** Lines for a person. */
export function saySite(site: Site, { hosts, vms }: DatacenterDescription): string {
  const where = vms.map((vm) => `${vm.name}${vm.running ? '' : ' (off)'} on ${vm.host}`)
  const devices = site.devices.map(
    ({ name, level, via }) => `${name} (level ${level}${via ? `, via ${via}` : ''})`,
  )
  return [
    `  ${hosts.length} hosts; ${where.join(', ')}`,
    `  ha ${JSON.stringify(site.ha)}`,
    `  devices ${devices.join(', ') || 'none'}; locks ${site.locks}; boot ${site.bootMs} ms`,
    `  self-fencing ${JSON.stringify(site.selfFence)}`,
    `  rules ${JSON.stringify(site.rules)}`,
    `  VMs ${JSON.stringify(site.vms)}`,
    ...(site.load ? [`  load ${JSON.stringify(site.load)}`] : []),
  ].join('\n')
}
