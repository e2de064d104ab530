import { type Call, type CallOptions, procedure } from '../protocol/procedure'
import { type DomainRef, domain, domainRef, listOf, optionalString, string, uuid } from '../protocol/wire'
import { bool, int, nothing, struct, uhyper, uint } from '../xdr/codec'
import { DOMAIN_STATES, type DomainState, STATE_REASONS } from './constants'

const subject = struct({ domain: domainRef })
const found = struct({ domain })
const withFlags = struct({ domain: domainRef, flags: uint })
const xmlAndFlags = struct({ xml: string, flags: uint })
const xmlOnly = struct({ xml: string })

const P = {
  createXml: procedure(10, 'create domain from XML', xmlAndFlags, found),
  xml: procedure(14, 'get domain XML', withFlags, xmlOnly),
  getAutostart: procedure(15, 'get domain autostart', subject, struct({ autostart: bool })),
  info: procedure(
    16,
    'get domain info',
    subject,
    struct({ state: uint, maxMemoryKib: uhyper, memoryKib: uhyper, vcpus: uint, cpuTimeNs: uhyper }),
  ),
  byId: procedure(22, 'look up domain by id', struct({ id: int }), found),
  byName: procedure(23, 'look up domain by name', struct({ name: string }), found),
  byUuid: procedure(24, 'look up domain by uuid', struct({ uuid }), found),
  reboot: procedure(27, 'reboot domain', withFlags, nothing),
  resume: procedure(28, 'resume domain', subject, nothing),
  setAutostart: procedure(
    29,
    'set domain autostart',
    struct({ domain: domainRef, autostart: bool }),
    nothing,
  ),
  suspend: procedure(34, 'suspend domain', subject, nothing),
  isActive: procedure(150, 'is domain active', subject, struct({ answer: bool })),
  isPersistent: procedure(151, 'is domain persistent', subject, struct({ answer: bool })),
  managedSave: procedure(182, 'save domain', withFlags, nothing),
  hasManagedSave: procedure(183, 'has domain a saved image', withFlags, struct({ answer: bool })),
  managedSaveRemove: procedure(184, 'remove saved image of domain', withFlags, nothing),
  create: procedure(196, 'start domain', withFlags, found),
  state: procedure(212, 'get domain state', withFlags, struct({ state: int, reason: int })),
  undefine: procedure(231, 'undefine domain', withFlags, nothing),
  destroy: procedure(234, 'destroy domain', withFlags, nothing),
  reset: procedure(245, 'reset domain', withFlags, nothing),
  shutdown: procedure(258, 'shut down domain', withFlags, nothing),
  list: procedure(273, 'list domains', struct({ wanted: bool, flags: uint }), listOf(domain)),
  define: procedure(350, 'define domain', xmlAndFlags, found),
  rename: procedure(
    358,
    'rename domain',
    struct({ domain: domainRef, name: optionalString, flags: uint }),
    struct({ result: int }),
  ),
}

/** A state and why, by name, with libvirt's own numbers beside. */
export interface DomainStateInfo {
  state: DomainState
  reason: string
  stateCode: number
  reasonCode: number
}

/** Names for the numbers that libvirt uses, also in `state.state` and `state.reason` of the statistics. */
export function describeState(stateCode: number, reasonCode: number): DomainStateInfo {
  const state = DOMAIN_STATES[stateCode] ?? 'nostate'
  return { state, reason: STATE_REASONS[state][reasonCode] ?? 'unknown', stateCode, reasonCode }
}

/** Finding, defining, starting and stopping domains. Flags are the tables of constants.ts, or-ed together. */
export const domainCalls = (call: Call) => ({
  /** All domains, or those of LIST_DOMAINS. */
  list: async (flags = 0, options?: CallOptions) =>
    (await call(P.list, { wanted: true, flags }, options)).items,
  /** LibvirtError `no_domain` when there is none. */
  byName: async (name: string, options?: CallOptions) => (await call(P.byName, { name }, options)).domain,
  /** LibvirtError `no_domain` when there is none. */
  byUuid: async (id: string, options?: CallOptions) => (await call(P.byUuid, { uuid: id }, options)).domain,
  byId: async (id: number, options?: CallOptions) => (await call(P.byId, { id }, options)).domain,
  /** Stores a definition, or replaces the one with the same uuid. */
  define: async (xml: string, flags = 0, options?: CallOptions) =>
    (await call(P.define, { xml, flags }, options)).domain,
  /** Forgets the definition; a running domain runs on, transient. UNDEFINE says what goes with it. */
  undefine: (of: DomainRef, flags = 0, options?: CallOptions) =>
    call(P.undefine, { domain: of, flags }, options),
  /** Starts a defined domain (START), from its saved image when it has one. */
  create: async (of: DomainRef, flags = 0, options?: CallOptions) =>
    (await call(P.create, { domain: of, flags }, options)).domain,
  /** Starts a transient domain, which is gone once it stops. */
  createXml: async (xml: string, flags = 0, options?: CallOptions) =>
    (await call(P.createXml, { xml, flags }, options)).domain,
  /** Asks the guest to shut down (SHUTDOWN). Answers at once; wait for the lifecycle event. */
  shutdown: (of: DomainRef, flags = 0, options?: CallOptions) =>
    call(P.shutdown, { domain: of, flags }, options),
  /** Asks the guest to reboot. */
  reboot: (of: DomainRef, flags = 0, options?: CallOptions) => call(P.reboot, { domain: of, flags }, options),
  /** The reset button. */
  reset: (of: DomainRef, options?: CallOptions) => call(P.reset, { domain: of, flags: 0 }, options),
  /** Pulls the plug (DESTROY). */
  destroy: (of: DomainRef, flags = 0, options?: CallOptions) =>
    call(P.destroy, { domain: of, flags }, options),
  /** Stops its CPUs; memory stays. */
  suspend: (of: DomainRef, options?: CallOptions) => call(P.suspend, { domain: of }, options),
  resume: (of: DomainRef, options?: CallOptions) => call(P.resume, { domain: of }, options),
  /** Writes its memory to disk and stops it (SAVE). As long as the disk takes: give it a deadline that fits. */
  managedSave: (of: DomainRef, flags = 0, options?: CallOptions) =>
    call(P.managedSave, { domain: of, flags }, options),
  hasManagedSave: async (of: DomainRef, options?: CallOptions) =>
    (await call(P.hasManagedSave, { domain: of, flags: 0 }, options)).answer,
  managedSaveRemove: (of: DomainRef, options?: CallOptions) =>
    call(P.managedSaveRemove, { domain: of, flags: 0 }, options),
  /** Its XML (flags: DOMAIN_XML); of a running domain the live one. */
  xml: async (of: DomainRef, flags = 0, options?: CallOptions) =>
    (await call(P.xml, { domain: of, flags }, options)).xml,
  state: async (of: DomainRef, options?: CallOptions) => {
    const { state, reason } = await call(P.state, { domain: of, flags: 0 }, options)
    return describeState(state, reason)
  },
  info: async (of: DomainRef, options?: CallOptions) => {
    const { state, ...info } = await call(P.info, { domain: of }, options)
    return { state: describeState(state, 0).state, ...info }
  },
  isActive: async (of: DomainRef, options?: CallOptions) =>
    (await call(P.isActive, { domain: of }, options)).answer,
  isPersistent: async (of: DomainRef, options?: CallOptions) =>
    (await call(P.isPersistent, { domain: of }, options)).answer,
  autostart: async (of: DomainRef, options?: CallOptions) =>
    (await call(P.getAutostart, { domain: of }, options)).autostart,
  setAutostart: (of: DomainRef, autostart: boolean, options?: CallOptions) =>
    call(P.setAutostart, { domain: of, autostart }, options),
  /** Only while it is shut off. */
  rename: async (of: DomainRef, name: string, options?: CallOptions): Promise<void> => {
    await call(P.rename, { domain: of, name, flags: 0 }, options)
  },
})

export type DomainCalls = ReturnType<typeof domainCalls>
