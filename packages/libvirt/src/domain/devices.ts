import { type Call, type CallOptions, procedure } from '../protocol/procedure'
import { paramValues } from '../protocol/typed-params'
import { type DomainRef, domain, domainRef, optionalString, string } from '../protocol/wire'
import { array, int, nothing, struct, uhyper, uint } from '../xdr/codec'
import { ADDRESS_SOURCE, BLOCK_RESIZE, METADATA } from './constants'

const deviceXml = struct({ domain: domainRef, xml: string, flags: uint })
const address = struct({ family: int, address: string, prefix: uint })
const guestInterface = struct({ name: string, mac: optionalString, addresses: array(address, 2048) })

const P = {
  setMaxMemory: procedure(
    30,
    'set maximum memory',
    struct({ domain: domainRef, memoryKib: uhyper }),
    nothing,
  ),
  attach: procedure(160, 'attach device', deviceXml, nothing),
  detach: procedure(161, 'detach device', deviceXml, nothing),
  update: procedure(174, 'update device', deviceXml, nothing),
  blockInfo: procedure(
    194,
    'get block info',
    struct({ domain: domainRef, disk: string, flags: uint }),
    struct({ allocationBytes: uhyper, capacityBytes: uhyper, physicalBytes: uhyper }),
  ),
  setVcpus: procedure(199, 'set vCPUs', struct({ domain: domainRef, vcpus: uint, flags: uint }), nothing),
  setMemory: procedure(
    204,
    'set memory',
    struct({ domain: domainRef, memoryKib: uhyper, flags: uint }),
    nothing,
  ),
  blockResize: procedure(
    251,
    'resize disk',
    struct({ domain: domainRef, disk: string, size: uhyper, flags: uint }),
    nothing,
  ),
  diskErrors: procedure(
    263,
    'get disk errors',
    struct({ domain: domainRef, max: uint, flags: uint }),
    struct({ items: array(struct({ disk: string, error: int }), 256), count: int }),
  ),
  setMetadata: procedure(
    264,
    'set metadata',
    struct({
      domain: domainRef,
      type: int,
      metadata: optionalString,
      key: optionalString,
      uri: optionalString,
      flags: uint,
    }),
    nothing,
  ),
  getMetadata: procedure(
    265,
    'get metadata',
    struct({ domain: domainRef, type: int, uri: optionalString, flags: uint }),
    struct({ metadata: string }),
  ),
  stats: procedure(
    344,
    'get statistics of domains',
    struct({ domains: array(domainRef, 16_384), groups: uint, flags: uint }),
    struct({ records: array(struct({ domain, stats: paramValues }), 16_384) }),
  ),
  addresses: procedure(
    353,
    'get interface addresses',
    struct({ domain: domainRef, source: uint, flags: uint }),
    struct({ interfaces: array(guestInterface, 2048) }),
  ),
}

/** What a domain has: CPUs, memory, disks, interfaces, metadata; and the statistics of all of that. */
export const deviceCalls = (call: Call) => ({
  /** Flags: AFFECT, MAXIMUM. */
  setVcpus: (of: DomainRef, vcpus: number, flags = 0, options?: CallOptions) =>
    call(P.setVcpus, { domain: of, vcpus, flags }, options),
  /** Flags: AFFECT, MAXIMUM. Of a running domain this is the balloon's target. */
  setMemory: (of: DomainRef, memoryKib: number, flags = 0, options?: CallOptions) =>
    call(P.setMemory, { domain: of, memoryKib, flags }, options),
  setMaxMemory: (of: DomainRef, memoryKib: number, options?: CallOptions) =>
    call(P.setMaxMemory, { domain: of, memoryKib }, options),
  attachDevice: (of: DomainRef, xml: string, flags = 0, options?: CallOptions) =>
    call(P.attach, { domain: of, xml, flags }, options),
  /** A running guest may take its time to let go: wait for the event `deviceRemoved`. */
  detachDevice: (of: DomainRef, xml: string, flags = 0, options?: CallOptions) =>
    call(P.detach, { domain: of, xml, flags }, options),
  /** Changes what can be changed in place: the medium of a drive, the bridge of an interface. */
  updateDevice: (of: DomainRef, xml: string, flags = 0, options?: CallOptions) =>
    call(P.update, { domain: of, xml, flags }, options),
  /** Sizes of a disk, by target (`vda`) or path. */
  blockInfo: (of: DomainRef, disk: string, options?: CallOptions) =>
    call(P.blockInfo, { domain: of, disk, flags: 0 }, options),
  /** Resizes the disk of a running domain. */
  blockResize: (of: DomainRef, disk: string, sizeBytes: number, options?: CallOptions) =>
    call(P.blockResize, { domain: of, disk, size: sizeBytes, flags: BLOCK_RESIZE.bytes }, options),
  /** Disks that stopped with an error; error 2 is "no space". */
  diskErrors: async (of: DomainRef, options?: CallOptions) =>
    (await call(P.diskErrors, { domain: of, max: 256, flags: 0 }, options)).items,
  /** The title of the definition; null removes it. Flags: AFFECT. */
  setTitle: (of: DomainRef, title: string | null, flags = 0, options?: CallOptions) =>
    call(
      P.setMetadata,
      { domain: of, type: METADATA.title, metadata: title, key: null, uri: null, flags },
      options,
    ),
  setDescription: (of: DomainRef, description: string | null, flags = 0, options?: CallOptions) =>
    call(
      P.setMetadata,
      { domain: of, type: METADATA.description, metadata: description, key: null, uri: null, flags },
      options,
    ),
  /** An XML element under `<metadata>`, in a name space of one's own; null removes it. */
  setMetadata: (
    of: DomainRef,
    element: { xml: string | null; key: string; uri: string },
    flags = 0,
    options?: CallOptions,
  ) =>
    call(
      P.setMetadata,
      {
        domain: of,
        type: METADATA.element,
        metadata: element.xml,
        key: element.key,
        uri: element.uri,
        flags,
      },
      options,
    ),
  /** LibvirtError `no_domain_metadata` when there is none. */
  metadata: async (of: DomainRef, uri: string, flags = 0, options?: CallOptions) =>
    (await call(P.getMetadata, { domain: of, type: METADATA.element, uri, flags }, options)).metadata,
  /** Addresses that the guest has, by ADDRESS_SOURCE. */
  interfaceAddresses: async (of: DomainRef, source: number = ADDRESS_SOURCE.arp, options?: CallOptions) =>
    (await call(P.addresses, { domain: of, source, flags: 0 }, options)).interfaces,
  /**
   * Statistics of all domains in one call, or of those given; libvirt's names (`cpu.time` in ns, `balloon.current`
   * in KiB, `block.0.rd.bytes`). Groups: STATS_GROUPS, 0 is all of them. Flags: STATS_OF; give `noWait`, or one domain
   * that is busy holds up the answer about all.
   */
  stats: async (
    question: { domains?: DomainRef[]; groups?: number; flags?: number } = {},
    options?: CallOptions,
  ) => {
    const { domains = [], groups = 0, flags = 0 } = question
    return (await call(P.stats, { domains, groups, flags: flags >>> 0 }, options)).records
  },
})

export type DeviceCalls = ReturnType<typeof deviceCalls>
