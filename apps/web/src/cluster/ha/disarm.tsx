import type { Cluster, ClusterId, HaSettings } from '@drover/model'
import { useState } from 'react'
import { act } from '../../api/act'
import { api } from '../../api/client'
import { closeDialog } from '../../console/store'
import { useRow } from '../../replica/hooks'
import { Confirm } from '../../ui/confirm'
import { cx } from '../../ui/cx'
import { haModes } from './state'

/** Takes a cluster's high availability out of the way, for as long as somebody says. */
export function DisarmDialog({ clusterId }: { clusterId: ClusterId }) {
  const cluster: Cluster | undefined = useRow('cluster', clusterId)
  const [mode, setMode] = useState<Exclude<HaSettings['mode'], 'armed'>>('hold')
  if (!cluster) return null
  return (
    <Confirm
      danger
      title={`Disarm ${cluster.name}`}
      about="Until it is armed again, whoever dies stays dead. An alarm says so on every page."
      label={`Disarm ${cluster.name}`}
      why="Shown with the alarm and kept in the history."
      run={(reason) =>
        act(`disarm ${cluster.name}`, () =>
          api.cluster.changeHa.mutate({
            clusterId,
            changes: { mode, modeReason: reason ?? null },
            reason,
          }),
        )
      }
      onClose={closeDialog}
    >
      <div role="radiogroup" aria-label="How far" className="grid gap-2">
        {(['hold', 'handsOff'] as const).map((each) => (
          <label
            key={each}
            className={cx(
              'flex gap-2 rounded-md border p-2',
              each === mode ? 'border-accent bg-selected' : 'border-line hover:bg-hover',
            )}
          >
            <input
              type="radio"
              name="mode"
              aria-label={haModes[each].word}
              checked={each === mode}
              onChange={() => setMode(each)}
              className="mt-1 shrink-0 self-start accent-(--accent)"
            />
            <span>
              <span className="font-medium first-letter:uppercase">{haModes[each].word}</span>
              <span className="block text-sm text-text-3">{haModes[each].means}</span>
            </span>
          </label>
        ))}
      </div>
    </Confirm>
  )
}
