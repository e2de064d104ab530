import { type Cluster, roleAllows, type Vm } from '@drover/model'
import { useState } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { openDialog, useUser } from '../console/store'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useRow } from '../replica/hooks'
import { useStanding } from '../replica/standing'
import { Facts, Panel } from '../ui/facts'
import { Select } from '../ui/field'

type Choice = NonNullable<Vm['automation']> | 'cluster'

const words: Record<Choice, string> = {
  cluster: 'as its cluster says',
  manual: 'manual: recommend only',
  partial: 'partial: place it when it starts, recommend moves',
  full: 'full: move it by itself',
}

/** How far rules about load may go with a VM; kept by its cluster unless it says otherwise. */
export function VmAutomation({ vm }: { vm: Vm }) {
  const { role } = useUser()
  const standing = useStanding()
  const cluster: Cluster | undefined = useRow('cluster', vm.clusterId)
  const [busy, setBusy] = useState(false)
  const may = roleAllows(role, 'operator') && standing === null
  const chosen: Choice = vm.automation ?? 'cluster'
  const mode = cluster?.balance?.mode ?? 'off'
  async function choose(automation: Choice) {
    if (busy || automation === chosen) return
    setBusy(true)
    await act(`change the automation of ${vm.name}`, () =>
      api.vm.changeAutomation.mutate({
        vmId: vm.id,
        automation: automation === 'cluster' ? null : automation,
      }),
    )
    setBusy(false)
  }
  return (
    <Panel
      title="Load"
      aside={
        <button type="button" className="link" onClick={() => openDialog({ kind: 'why not', vmId: vm.id })}>
          Why not there…
        </button>
      }
    >
      <Facts
        rows={[
          [
            'Automation',
            <Select
              key="a"
              aria-label="Automation"
              className="h-7! max-w-80"
              value={chosen}
              disabled={!may}
              onChange={(event) => void choose(event.target.value as Choice)}
            >
              {Object.entries(words).map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>,
          ],
          cluster && [
            'Its cluster',
            <span key="c">
              {mode === 'off' ? 'balances nothing' : `says ${mode}`}
              {'. '}
              <Link href={paths.object(cluster.id, 'rules')}>Rules of {cluster.name}</Link>
            </span>,
          ],
        ]}
      />
      <p className="px-3 pb-2 text-sm text-text-3">
        The stricter of the two counts. Restarts after a failure and maintenance move it all the same.
      </p>
    </Panel>
  )
}
