import { type ChangeEvent, type Host, type HostMode, type Initiator, refOf, type TaskId } from '@drover/model'
import { put } from '../world/rows'

/** The event that a host's mode is another; none when it is the same and nothing else of the row changes. */
export function modeChanged(
  host: Host,
  mode: HostMode,
  cause: { initiator: Initiator; taskId?: TaskId | null },
  set: Partial<Pick<Host, 'modeReason' | 'held'>> = {},
): ChangeEvent[] {
  const row: Host = { ...host, modeReason: mode === 'normal' ? null : host.modeReason, ...set, mode }
  if (host.mode === mode && row.modeReason === host.modeReason && row.held === host.held) return []
  const body = { kind: 'host.mode', host: refOf(host), mode } as const
  const { initiator, taskId = null } = cause
  return [{ body, initiator, taskId, rows: [put('host', row)] }]
}
