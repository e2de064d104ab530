import { type Cluster, type ClusterId, roleAllows, type ShadowDay, sayBytes, sayCount } from '@drover/model'
import { act } from '../../api/act'
import { api } from '../../api/client'
import { closeDialog, openDialog, useUser } from '../../console/store'
import { useRow, useTables } from '../../replica/hooks'
import { shadowOf } from '../../replica/look'
import { Confirm } from '../../ui/confirm'
import { Panel } from '../../ui/facts'
import { Since } from '../../ui/time'

/** The rule set that decides beside the active one: what it would have done otherwise, day by day. */
export function ShadowPanel({ cluster }: { cluster: Cluster }) {
  const { role } = useUser()
  const shadow = shadowOf(useTables(), cluster.id)
  return (
    <Panel
      title="Shadow"
      aside={
        shadow ? (
          <>
            <span>
              “{shadow.name}” by {shadow.createdBy}, <Since at={shadow.since} />
            </span>
            {roleAllows(role, 'admin') && (
              <button
                type="button"
                className="link"
                onClick={() => openDialog({ kind: 'end shadow', clusterId: cluster.id })}
              >
                End…
              </button>
            )}
          </>
        ) : undefined
      }
    >
      {!shadow ? (
        <p className="px-3 py-2 text-text-3">
          None. While a rule is written it can be run as a shadow: it decides beside the active rules on the
          real load, moves nothing, and what differed is told here each day.
        </p>
      ) : shadow.days.length === 0 ? (
        <p className="px-3 py-2 text-text-2">
          It has only just begun. What it decides otherwise is told here.
        </p>
      ) : (
        <table className="w-full" aria-label="Shadow, day by day">
          <thead>
            <tr className="h-7 border-b border-line text-left text-sm text-text-3">
              <th className="px-3 font-medium">Day</th>
              <th className="px-2 font-medium">It would have</th>
              <th className="px-2 font-medium">The active rules have</th>
              <th className="px-3 font-medium">Differences</th>
            </tr>
          </thead>
          <tbody>
            {[...shadow.days].reverse().map((day) => (
              <tr key={day.day} className="border-b border-line align-top last:border-0">
                <td className="num whitespace-nowrap px-3 py-1">{day.day}</td>
                <td className="px-2 py-1">{sayDid(day.shadow)}</td>
                <td className="px-2 py-1 text-text-2">{sayDid(day.active)}</td>
                <td className="px-3 py-1 text-text-2">
                  {day.differences.length === 0 ? (
                    'none'
                  ) : (
                    <ul>
                      {day.differences.map((text) => (
                        <li key={text}>{text}</li>
                      ))}
                    </ul>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function sayDid({ moves, bytes, sleeps, wakes }: ShadowDay['shadow']): string {
  const parts = [
    `${sayCount(moves, 'move')}${moves > 0 ? ` (${sayBytes(bytes)})` : ''}`,
    ...(sleeps > 0 ? [`${sleeps} put to sleep`] : []),
    ...(wakes > 0 ? [`${wakes} woken`] : []),
  ]
  return parts.join(', ')
}

/** Before a shadow's record is thrown away. */
export function EndShadow({ clusterId }: { clusterId: ClusterId }) {
  const cluster: Cluster | undefined = useRow('cluster', clusterId)
  const shadow = shadowOf(useTables(), clusterId)
  if (!cluster || !shadow) return null
  return (
    <Confirm
      title={`End the shadow “${shadow.name}”`}
      about={`It decides no longer beside the active rules of ${cluster.name}. Its daily reports stay in the history.`}
      label="End the shadow"
      why="Optional; kept in the history."
      run={(reason) =>
        act(`end the shadow ${shadow.name}`, () =>
          api.shadow.end.mutate({ clusterId, ...(reason ? { reason } : {}) }),
        )
      }
      onClose={closeDialog}
    />
  )
}
