import { type Call, type CallOptions, procedure } from '../protocol/procedure'
import { listOf, type Pool, pool, string, type Volume, volume } from '../protocol/wire'
import { bool, int, nothing, struct, uhyper, uint } from '../xdr/codec'
import { POOL_STATES, VOLUME_TYPES } from './constants'

const subject = struct({ pool })
const withFlags = struct({ pool, flags: uint })
const xmlAndFlags = struct({ xml: string, flags: uint })
const xmlOnly = struct({ xml: string })
const ofVolume = struct({ volume })

const P = {
  createXml: procedure(76, 'create pool from XML', xmlAndFlags, subject),
  define: procedure(77, 'define pool', xmlAndFlags, subject),
  create: procedure(78, 'start pool', withFlags, nothing),
  build: procedure(79, 'build pool', withFlags, nothing),
  destroy: procedure(80, 'stop pool', subject, nothing),
  undefine: procedure(82, 'undefine pool', subject, nothing),
  refresh: procedure(83, 'refresh pool', withFlags, nothing),
  byName: procedure(84, 'look up pool by name', struct({ name: string }), subject),
  info: procedure(
    87,
    'get pool info',
    subject,
    struct({ state: uint, capacityBytes: uhyper, allocationBytes: uhyper, availableBytes: uhyper }),
  ),
  xml: procedure(88, 'get pool XML', withFlags, xmlOnly),
  getAutostart: procedure(89, 'get pool autostart', subject, struct({ autostart: bool })),
  setAutostart: procedure(90, 'set pool autostart', struct({ pool, autostart: bool }), nothing),
  isActive: procedure(154, 'is pool active', subject, struct({ answer: bool })),
  list: procedure(281, 'list pools', struct({ wanted: bool, flags: uint }), listOf(pool)),
  listVolumes: procedure(282, 'list volumes', struct({ pool, wanted: bool, flags: uint }), listOf(volume)),
  byTargetPath: procedure(391, 'look up pool by path', struct({ path: string }), subject),
  createVolume: procedure(93, 'create volume', struct({ pool, xml: string, flags: uint }), ofVolume),
  deleteVolume: procedure(94, 'delete volume', struct({ volume, flags: uint }), nothing),
  volumeByName: procedure(95, 'look up volume by name', struct({ pool, name: string }), ofVolume),
  volumeByPath: procedure(97, 'look up volume by path', struct({ path: string }), ofVolume),
  volumeInfo: procedure(
    98,
    'get volume info',
    ofVolume,
    struct({ type: int, capacityBytes: uhyper, allocationBytes: uhyper }),
  ),
  volumeXml: procedure(99, 'get volume XML', struct({ volume, flags: uint }), xmlOnly),
  volumePath: procedure(100, 'get volume path', ofVolume, struct({ path: string })),
  cloneVolume: procedure(
    125,
    'clone volume',
    struct({ pool, xml: string, source: volume, flags: uint }),
    ofVolume,
  ),
  resizeVolume: procedure(
    260,
    'resize volume',
    struct({ volume, capacityBytes: uhyper, flags: uint }),
    nothing,
  ),
}

/** Storage pools: directories and other places where volumes live. */
export const poolCalls = (call: Call) => ({
  list: async (flags = 0, options?: CallOptions) =>
    (await call(P.list, { wanted: true, flags }, options)).items,
  /** LibvirtError `no_storage_pool` when there is none. */
  byName: async (name: string, options?: CallOptions) => (await call(P.byName, { name }, options)).pool,
  /** LibvirtError `no_storage_pool` when there is none. */
  byTargetPath: async (path: string, options?: CallOptions) =>
    (await call(P.byTargetPath, { path }, options)).pool,
  define: async (xml: string, flags = 0, options?: CallOptions) =>
    (await call(P.define, { xml, flags }, options)).pool,
  /** Starts a transient pool. */
  createXml: async (xml: string, flags = 0, options?: CallOptions) =>
    (await call(P.createXml, { xml, flags }, options)).pool,
  /** Makes the place itself: the directory, the file system. */
  build: (of: Pool, flags = 0, options?: CallOptions) => call(P.build, { pool: of, flags }, options),
  /** Starts a defined pool. */
  create: (of: Pool, flags = 0, options?: CallOptions) => call(P.create, { pool: of, flags }, options),
  /** Stops it; the data stays. */
  destroy: (of: Pool, options?: CallOptions) => call(P.destroy, { pool: of }, options),
  undefine: (of: Pool, options?: CallOptions) => call(P.undefine, { pool: of }, options),
  /** Looks for volumes that came or went behind libvirt's back. */
  refresh: (of: Pool, options?: CallOptions) => call(P.refresh, { pool: of, flags: 0 }, options),
  autostart: async (of: Pool, options?: CallOptions) =>
    (await call(P.getAutostart, { pool: of }, options)).autostart,
  setAutostart: (of: Pool, autostart: boolean, options?: CallOptions) =>
    call(P.setAutostart, { pool: of, autostart }, options),
  isActive: async (of: Pool, options?: CallOptions) => (await call(P.isActive, { pool: of }, options)).answer,
  info: async (of: Pool, options?: CallOptions) => {
    const { state, ...info } = await call(P.info, { pool: of }, options)
    return { state: POOL_STATES[state] ?? ('unknown' as const), ...info }
  },
  xml: async (of: Pool, options?: CallOptions) => (await call(P.xml, { pool: of, flags: 0 }, options)).xml,
  volumes: async (of: Pool, options?: CallOptions) =>
    (await call(P.listVolumes, { pool: of, wanted: true, flags: 0 }, options)).items,
})

/** Volumes: the files or devices that are the disks of domains. */
export const volumeCalls = (call: Call) => ({
  /** LibvirtError `storage_vol_exist` when the name is taken. Flags: CREATE_VOLUME. */
  create: async (of: Pool, xml: string, flags = 0, options?: CallOptions) =>
    (await call(P.createVolume, { pool: of, xml, flags }, options)).volume,
  /** A new volume with the data of `source`; as long as copying takes. */
  clone: async (of: Pool, xml: string, source: Volume, flags = 0, options?: CallOptions) =>
    (await call(P.cloneVolume, { pool: of, xml, source, flags }, options)).volume,
  /** LibvirtError `no_storage_vol` when there is none. */
  byName: async (of: Pool, name: string, options?: CallOptions) =>
    (await call(P.volumeByName, { pool: of, name }, options)).volume,
  /** LibvirtError `no_storage_vol` when no active pool has it. */
  byPath: async (path: string, options?: CallOptions) =>
    (await call(P.volumeByPath, { path }, options)).volume,
  delete: (of: Volume, options?: CallOptions) => call(P.deleteVolume, { volume: of, flags: 0 }, options),
  info: async (of: Volume, options?: CallOptions) => {
    const { type, ...info } = await call(P.volumeInfo, { volume: of }, options)
    return { type: VOLUME_TYPES[type] ?? ('unknown' as const), ...info }
  },
  xml: async (of: Volume, options?: CallOptions) =>
    (await call(P.volumeXml, { volume: of, flags: 0 }, options)).xml,
  path: async (of: Volume, options?: CallOptions) => (await call(P.volumePath, { volume: of }, options)).path,
  /** Only while no domain uses it; see `blockResize` of a running domain. */
  resize: (of: Volume, capacityBytes: number, options?: CallOptions) =>
    call(P.resizeVolume, { volume: of, capacityBytes, flags: 0 }, options),
})

export type PoolCalls = ReturnType<typeof poolCalls>
export type VolumeCalls = ReturnType<typeof volumeCalls>
