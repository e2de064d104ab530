import { type Call, type CallOptions, procedure } from '../protocol/procedure'
import { characters, optionalString, string } from '../protocol/wire'
import { array, int, nothing, struct, uhyper, uint } from '../xdr/codec'
import { COMPARE_RESULTS } from './constants'

const nodeInfo = struct({
  model: characters(32),
  memoryKib: uhyper,
  cpus: int,
  mhz: int,
  numaCells: int,
  socketsPerCell: int,
  coresPerSocket: int,
  threadsPerCore: int,
})
const counters = struct({ items: array(struct({ name: string, value: uhyper }), 16), count: int })
const emulator = {
  emulator: optionalString,
  arch: optionalString,
  machine: optionalString,
  virtType: optionalString,
}

const P = {
  type: procedure(3, 'get type', nothing, struct({ type: string })),
  version: procedure(4, 'get version', nothing, struct({ version: uhyper })),
  nodeInfo: procedure(6, 'get node info', nothing, nodeInfo),
  capabilities: procedure(7, 'get capabilities', nothing, struct({ xml: string })),
  hostname: procedure(59, 'get hostname', nothing, struct({ hostname: string })),
  freeMemory: procedure(102, 'get free memory', nothing, struct({ bytes: uhyper })),
  libVersion: procedure(157, 'get library version', nothing, struct({ version: uhyper })),
  compareCpu: procedure(158, 'compare CPU', struct({ xml: string, flags: uint }), struct({ result: int })),
  baselineCpu: procedure(
    162,
    'baseline CPU',
    struct({ xmlCpus: array(string, 256), flags: uint }),
    struct({ xml: string }),
  ),
  cpuStats: procedure(227, 'get CPU statistics', struct({ cpu: int, count: int, flags: uint }), counters),
  memoryStats: procedure(
    228,
    'get memory statistics',
    struct({ count: int, cell: int, flags: uint }),
    counters,
  ),
  domainCapabilities: procedure(
    342,
    'get domain capabilities',
    struct({ ...emulator, flags: uint }),
    struct({ xml: string }),
  ),
  compareHypervisorCpu: procedure(
    393,
    'compare hypervisor CPU',
    struct({ ...emulator, xml: string, flags: uint }),
    struct({ result: int }),
  ),
  baselineHypervisorCpu: procedure(
    394,
    'baseline hypervisor CPU',
    struct({ ...emulator, xmlCpus: array(string, 256), flags: uint }),
    struct({ xml: string }),
  ),
}

/** Which emulator a question is about; what is left out libvirt chooses. */
export interface EmulatorChoice {
  emulator?: string
  arch?: string
  machine?: string
  /** `kvm` or `qemu`. */
  virtType?: string
}

/** `{ major, minor, release }` of libvirt's 1000000 * major + 1000 * minor + release. */
export interface Version {
  major: number
  minor: number
  release: number
}

/** libvirt: the CPU of the XML is less than, the same as, or part of the host's. */
export type CpuComparison = (typeof COMPARE_RESULTS)[number]

const choose = (choice: EmulatorChoice) => ({
  emulator: choice.emulator ?? null,
  arch: choice.arch ?? null,
  machine: choice.machine ?? null,
  virtType: choice.virtType ?? null,
})
const version = (packed: number): Version => ({
  major: Math.floor(packed / 1_000_000),
  minor: Math.floor(packed / 1000) % 1000,
  release: packed % 1000,
})
const record = ({ items }: { items: { name: string; value: number }[] }): Record<string, number> =>
  Object.fromEntries(items.map(({ name, value }) => [name, value]))
const comparison = ({ result }: { result: number }): CpuComparison => COMPARE_RESULTS[result + 1] ?? 'error'

/** Questions about the host and its hypervisor. */
export const hostCalls = (call: Call) => ({
  /** Driver name: `QEMU`, `TEST`. */
  type: async (options?: CallOptions) => (await call(P.type, undefined, options)).type,
  /** Version of the hypervisor. */
  version: async (options?: CallOptions) => version((await call(P.version, undefined, options)).version),
  /** Version of libvirtd. */
  libVersion: async (options?: CallOptions) =>
    version((await call(P.libVersion, undefined, options)).version),
  hostname: async (options?: CallOptions) => (await call(P.hostname, undefined, options)).hostname,
  /** CPU model and topology, memory in KiB. */
  nodeInfo: (options?: CallOptions) => call(P.nodeInfo, undefined, options),
  freeMemoryBytes: async (options?: CallOptions) => (await call(P.freeMemory, undefined, options)).bytes,
  /** XML: host CPU, NUMA cells, security models, guest types. */
  capabilities: async (options?: CallOptions) => (await call(P.capabilities, undefined, options)).xml,
  /** XML: what guests of this emulator and machine type may have. */
  domainCapabilities: async (choice: EmulatorChoice = {}, options?: CallOptions) =>
    (await call(P.domainCapabilities, { ...choose(choice), flags: 0 }, options)).xml,
  /** Nanoseconds since boot of all CPUs together, or of one: `kernel`, `user`, `idle`, `iowait`. */
  cpuStats: async (cpu = -1, options?: CallOptions) => {
    // Asked with count 0 libvirtd only says how many there are.
    const { count } = await call(P.cpuStats, { cpu, count: 0, flags: 0 }, options)
    return record(await call(P.cpuStats, { cpu, count, flags: 0 }, options))
  },
  /** KiB of all NUMA cells together, or of one: `total`, `free`, `buffers`, `cached`. */
  memoryStats: async (cell = -1, options?: CallOptions) => {
    const { count } = await call(P.memoryStats, { cell, count: 0, flags: 0 }, options)
    return record(await call(P.memoryStats, { cell, count, flags: 0 }, options))
  },
  /** Compares a `<cpu>` with the host's CPU. */
  compareCpu: async (xml: string, flags = 0, options?: CallOptions) =>
    comparison(await call(P.compareCpu, { xml, flags }, options)),
  /** Compares a `<cpu>` with what the hypervisor can give to guests: the question to ask before a migration. */
  compareHypervisorCpu: async (xml: string, choice: EmulatorChoice = {}, flags = 0, options?: CallOptions) =>
    comparison(await call(P.compareHypervisorCpu, { ...choose(choice), xml, flags }, options)),
  /** The richest `<cpu>` that all of these host CPUs have. */
  baselineCpu: async (xmlCpus: string[], flags = 0, options?: CallOptions) =>
    (await call(P.baselineCpu, { xmlCpus, flags }, options)).xml,
  /** The richest `<cpu>` that this hypervisor can give on all of these host CPUs. */
  baselineHypervisorCpu: async (
    xmlCpus: string[],
    choice: EmulatorChoice = {},
    flags = 0,
    options?: CallOptions,
  ) => (await call(P.baselineHypervisorCpu, { ...choose(choice), xmlCpus, flags }, options)).xml,
})

export type HostCalls = ReturnType<typeof hostCalls>
