import { type GuestPolicy, type Host, type HostId, isActive, sayCount } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { closeDialog } from '../console/store'
import { useRow, useTables } from '../replica/hooks'
import { vmsByHost } from '../replica/look'
import { Confirm } from '../ui/confirm'
import { cx } from '../ui/cx'
import { reasonsAgainstHost } from './actions'
import { countsOf, PlanTable, PlanTotals } from './evacuate/plan'

const policies: Record<GuestPolicy, { label: string; means: (reboot: boolean) => string; stops: boolean }> = {
  evacuate: {
    label: 'Move them away first',
    means: () => 'Nothing stops: its VMs move as planned below, then it goes down.',
    stops: false,
  },
  failover: {
    label: 'Restart them elsewhere',
    means: () => 'They are shut down, and start on other hosts at once.',
    stops: true,
  },
  restartInPlace: {
    label: 'Start them again here',
    means: (reboot) =>
      reboot
        ? 'They are shut down, and start here once it is back.'
        : 'They are shut down, and start here when it is powered on again.',
    stops: true,
  },
  hold: {
    label: 'Leave them off',
    means: () => 'They are shut down and stay off until somebody starts them.',
    stops: true,
  },
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
  const policy = policies[guests]
  const dies = policy.stops && running.length > 0
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
          api.host.shutdown.mutate({ hostId, reboot, guests, confirmName: host.name, reason }),
        )
      }
      onClose={closeDialog}
    >
      {running.length > 0 && (
        <div role="radiogroup" aria-label="Its VMs" className="grid gap-2 sm:grid-cols-2">
          {(Object.keys(policies) as GuestPolicy[]).map((each) => (
            <label
              key={each}
              className={cx(
                'flex gap-2 rounded-md border p-2',
                each === guests ? 'border-accent bg-selected' : 'border-line hover:bg-hover',
              )}
            >
              <input
                type="radio"
                name="guests"
                aria-label={policies[each].label}
                checked={each === guests}
                onChange={() => setGuests(each)}
                className="mt-1 shrink-0 self-start accent-(--accent)"
              />
              <span>
                <span className="font-medium">{policies[each].label}</span>
                <span className="block text-sm text-text-3">{policies[each].means(reboot)}</span>
              </span>
            </label>
          ))}
        </div>
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
