import {
  type Cluster,
  type ClusterId,
  type HostId,
  type RollingPlan,
  sayCount,
  sayRefusal,
} from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { closeDialog } from '../console/store'
import { useRow, useTables } from '../replica/hooks'
import { hostsByCluster } from '../replica/look'
import { Picker } from '../rule/picker'
import { Skeleton, Trouble } from '../ui/blank'
import { Choices } from '../ui/choices'
import { Confirm } from '../ui/confirm'
import { Check } from '../ui/field'
import { Notice } from '../ui/notice'
import { count, numberProblem, numberValue } from '../ui/number'
import { NumberField } from '../ui/number-field'

const widthSpec = count('hosts', 1, 64)

const actions: Record<RollingPlan['action'], { label: string; means: string }> = {
  pause: { label: 'Wait for me', means: 'Each waits empty in maintenance until you say that it is done.' },
  reboot: { label: 'Reboot it', means: 'Each is rebooted while it is empty, and goes on by itself.' },
  nothing: { label: 'Nothing more', means: 'Each is emptied, put into maintenance and back: a rehearsal.' },
}

/** Maintenance of a cluster, host by host: order, how many at once, and what is done with each. */
export function RollDialog({ clusterId }: { clusterId: ClusterId }) {
  const cluster: Cluster | undefined = useRow('cluster', clusterId)
  const hosts = hostsByCluster(useTables()).get(clusterId) ?? []
  const [action, setAction] = useState<RollingPlan['action']>('pause')
  const [chosen, setChosen] = useState<string[]>(() => hosts.map((host) => host.id))
  const [cold, setCold] = useState(false)
  const [widthText, setWidth] = useState('1')
  const wrong = numberProblem(widthSpec, widthText)
  const width = wrong ? 1 : numberValue(widthSpec, widthText)!
  const input = { clusterId, action, hostIds: chosen as HostId[], width, cold }
  const query = useQuery({
    queryKey: ['rolling plan', JSON.stringify(input)],
    queryFn: () => api.cluster.planRoll.query(input),
    enabled: chosen.length > 0,
    placeholderData: (before) => before,
    staleTime: 0,
  })
  const plan = query.data
  if (!cluster) return null
  return (
    <Confirm
      wide
      title={`Rolling maintenance of ${cluster.name}`}
      about="Host by host: emptied, in maintenance, back in service with its VMs home. It stops by itself on trouble, and goes on after a crash."
      label={`Begin with ${sayCount(plan?.hosts.length ?? chosen.length, 'host')}`}
      why="Optional; kept in the history."
      reasons={[
        ...(chosen.length === 0 ? ['Choose at least one host.'] : []),
        ...(wrong ? ['Say how many hosts at once.'] : []),
        ...(plan?.refusals.map(sayRefusal) ?? []),
        ...(query.isError ? [sayError(query.error)] : []),
      ]}
      run={(reason) =>
        act(`roll through ${cluster.name}`, () => api.cluster.roll.mutate({ ...input, reason }))
      }
      onClose={closeDialog}
    >
      <Choices
        label="While a host is empty"
        options={actions}
        chosen={action}
        onChoose={setAction}
        columns={3}
      />
      <Picker label="Hosts" options={hosts} chosen={chosen} onChange={setChosen} />
      <NumberField
        label="At once"
        spec={widthSpec}
        text={widthText}
        onText={setWidth}
        hint="Never more than the failover capacity allows, whatever is said here."
      />
      <Check
        label="Move cold what cannot go live"
        hint="Those VMs are shut down, moved and started again; without it they keep their host from being emptied."
        checked={cold}
        onChange={(event) => setCold(event.target.checked)}
      />
      {query.isError ? (
        <Trouble title="No plan could be made" onRetry={() => void query.refetch()}>
          {sayError(query.error)}
        </Trouble>
      ) : !plan ? (
        chosen.length > 0 && <Skeleton rows={2} />
      ) : (
        <section aria-label="Plan" className="rounded-md border border-line px-3 py-2">
          <p>
            {plan.width === 1 ? 'One host at a time' : `Up to ${plan.width} hosts at once`}
            {plan.width < width ? ': the failover capacity allows no more.' : '.'}
          </p>
          <ol className="flex flex-wrap gap-x-2 text-text-2">
            {plan.hosts.map((host, i) => (
              <li key={host.id}>
                {i > 0 && <span aria-hidden>→ </span>}
                {host.name}
              </li>
            ))}
          </ol>
        </section>
      )}
      {plan?.refusals.map((refusal) => (
        <Notice key={sayRefusal(refusal)} tone="error">
          <span className="min-w-0 flex-1">{sayRefusal(refusal)}</span>
        </Notice>
      ))}
    </Confirm>
  )
}
