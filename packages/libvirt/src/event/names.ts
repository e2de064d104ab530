/** virDomainEventType with its details, each by number. */
const LIFECYCLE = [
  ['defined', ['added', 'updated', 'renamed', 'from_snapshot']],
  ['undefined', ['removed', 'renamed']],
  ['started', ['booted', 'migrated', 'restored', 'from_snapshot', 'wakeup', 'recreated']],
  [
    'suspended',
    [
      'paused',
      'migrated',
      'ioerror',
      'watchdog',
      'restored',
      'from_snapshot',
      'api_error',
      'postcopy',
      'postcopy_failed',
    ],
  ],
  ['resumed', ['unpaused', 'migrated', 'from_snapshot', 'postcopy', 'postcopy_failed']],
  [
    'stopped',
    ['shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'from_snapshot', 'recreated'],
  ],
  ['shutdown', ['finished', 'guest', 'host']],
  ['pmsuspended', ['memory', 'disk']],
  ['crashed', ['panicked', 'crashloaded']],
] as const

export type LifecycleName = (typeof LIFECYCLE)[number][0] | 'unknown'

/** Names of a lifecycle event and its detail. */
export function describeLifecycle(event: number, detail: number): { event: LifecycleName; detail: string } {
  const [name, details] = LIFECYCLE[event] ?? ['unknown' as const, []]
  return { event: name, detail: details[detail] ?? 'unknown' }
}

/** virDomainEventIOErrorAction, by number. */
export const IO_ERROR_ACTIONS = ['none', 'pause', 'report'] as const
/** virDomainEventWatchdogAction, by number. */
export const WATCHDOG_ACTIONS = [
  'none',
  'pause',
  'reset',
  'poweroff',
  'shutdown',
  'debug',
  'inject_nmi',
] as const
/** virDomainBlockJobType, by number. */
export const BLOCK_JOB_TYPES = ['unknown', 'pull', 'copy', 'commit', 'active_commit', 'backup'] as const
/** virConnectDomainEventBlockJobStatus, by number. */
export const BLOCK_JOB_STATUSES = ['completed', 'failed', 'canceled', 'ready'] as const
/** virConnectDomainEventAgentLifecycleState, by number. */
export const AGENT_STATES = ['unknown', 'connected', 'disconnected'] as const
