/** virStoragePoolState, by number. */
export const POOL_STATES = ['inactive', 'building', 'running', 'degraded', 'inaccessible'] as const
/** virStorageVolType, by number. */
export const VOLUME_TYPES = ['file', 'block', 'dir', 'network', 'netdir', 'ploop'] as const
/** virConnectListAllStoragePoolsFlags. */
export const LIST_POOLS = { inactive: 1, active: 2, persistent: 4, transient: 8, autostart: 16 } as const
/** virStoragePoolCreateFlags. */
export const CREATE_POOL = { withBuild: 1, withBuildOverwrite: 2, withBuildNoOverwrite: 4 } as const
/** virStorageVolCreateFlags. */
export const CREATE_VOLUME = { preallocateMetadata: 1, reflink: 2, validate: 4 } as const
