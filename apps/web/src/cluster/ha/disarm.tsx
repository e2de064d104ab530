import type { Cluster, ClusterId, HaSettings } from '@drover/model'
import { useState } from 'react'
import { act } from '../../api/act'
import { api } from '../../api/client'
import { closeDialog } from '../../console/store'
import { useRow } from '../../replica/hooks'
import { Choices } from '../../ui/choices'
import { Confirm } from '../../ui/confirm'
import { haModes } from './state'

const way = ({ word, means }: (typeof haModes)['hold']) => ({ label: word, means })
const ways = { hold: way(haModes.hold), handsOff: way(haModes.handsOff) }

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
      <Choices label="How far" options={ways} chosen={mode} onChoose={setMode} columns={1} />
    </Confirm>
  )
}
