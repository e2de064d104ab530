import { type GuestPolicy, type Host, type HostId, isActive, sayCount } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { closeDialog } from '../console/store'
import { useRow, useTables } from '../replica/hooks'
import { vmsByHost } from '../replica/look'
import { Choices } from '../ui/choices'
import { Confirm } from '../ui/confirm'
import { reasonsAgainstHost } from './actions'
import { countsOf, PlanTable, PlanTotals } from './evacuate/plan'

function waysOf(reboot: boolean): Record<GuestPolicy, { label: string; means: string }> {
  return {
    evacuate: {
      label: 'Move them away first',
      means: 'Nothing stops: its VMs move as planned below, then it goes down.',
    },
    failover: {
      label: 'Restart them elsewhere',
      means: 'They are shut down, and start on other hosts once it is proven off.',
    },
    restartInPlace: {
      label: 'Start them again here',
      means: `They are shut down, and start here ${reboot ? 'once it is back' : 'when it is powered on again'}. Should it not come up, they start elsewhere.`,
    },
    hold: {
      label: 'Keep them for it',
      means: `They are shut down and stay off until it is ${reboot ? 'back' : 'powered on again'}, whatever happens.`,
    },
  }
}

/** Before a host goes down on purpose: what becomes of its guests, all of them by name. */
export function ShutDownHost({ hostId, reboot }: { hostId: HostId; reboot: boolean }) {
  const host: Host | undefined = useRow('host', hostId)
  const tables = useTables()
  const running = (vmsByHost(tables).get(hostId) ?? []).filter(isActive)
  const [guests, setGuests] = useState<GuestPolicy>('evacuate')
  const plan = useQuery({
    queryKey: ['evacuation plan', hostId],
    queryFn: () => api.host.planEvacuation.query({ hostId }),
    enabled: guests === 'evacuate',
    refetchInterval: 5_000,
    staleTime: 0,
  })
  if (!host) return null
  const verb = reboot ? 'Reboot' : 'Shut down'
  const dies = guests !== 'evacuate' && running.length > 0
  const blocked = guests === 'evacuate' && plan.data ? countsOf(plan.data).blocked : 0
  return (
    <Confirm
      wide
      danger={dies}
      title={`${verb} ${host.name}`}
      about={
        running.length === 0
          ? 'No VM runs on it.'
          : `${sayCount(running.length, 'VM')} ${running.length === 1 ? 'runs' : 'run'} on it. What becomes of ${running.length === 1 ? 'it' : 'them'}?`
      }
      label={`${verb} ${host.name}`}
      type={dies ? host.name : undefined}
      why="Optional; kept in the history."
      reasons={[
        ...reasonsAgainstHost(tables, host, reboot ? 'reboot' : 'shutdown'),
        ...(guests === 'evacuate' && plan.isError ? [sayError(plan.error)] : []),
        ...(blocked > 0
          ? [`${sayCount(blocked, 'VM')} can go nowhere. Mend what is marked red, or choose another way.`]
          : []),
      ]}
      run={(reason) =>
        act(`${verb.toLowerCase()} ${host.name}`, () =>
          api.host.shutdown.mutate({
            hostId,
            reboot,
            guests,
            fingerprint: guests === 'evacuate' ? plan.data?.fingerprint : undefined,
            confirmName: host.name,
            reason,
          }),
        )
      }
      onClose={closeDialog}
    >
      {running.length > 0 && (
        <Choices label="Its VMs" options={waysOf(reboot)} chosen={guests} onChoose={setGuests} />
      )}
      {guests === 'evacuate' && plan.data && running.length > 0 && (
        <div className="grid gap-2">
          <PlanTotals plan={plan.data} />
          <PlanTable plan={plan.data} />
        </div>
      )}
      {dies && (
        <div>
          <p className="font-medium text-error">These stop:</p>
          <p className="max-h-32 overflow-y-auto text-text-2">{running.map((vm) => vm.name).join(', ')}</p>
        </div>
      )}
    </Confirm>
  )
}
