import {
  defaultPowerSettings,
  type Host,
  type HostId,
  isActive,
  type PowerModel,
  sayCount,
  sayRefusal,
} from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { closeDialog, openDialog } from '../console/store'
import { useRow, useTables } from '../replica/hooks'
import { vmsByHost } from '../replica/look'
import { Skeleton, Trouble } from '../ui/blank'
import { Confirm } from '../ui/confirm'
import { Check } from '../ui/field'
import { Notice } from '../ui/notice'
import { numberProblem, numberText, numberValue, watts } from '../ui/number'
import { NumberField } from '../ui/number-field'
import { reasonsAgainstHost } from './actions'
import { countsOf, PlanTable, PlanTotals } from './evacuate/plan'

/** Before a host is emptied and switched off to save power, or only to show that it comes up again. */
export function SleepDialog({ hostId, test }: { hostId: HostId; test: boolean }) {
  const host: Host | undefined = useRow('host', hostId)
  const tables = useTables()
  const running = (vmsByHost(tables).get(hostId) ?? []).filter(isActive)
  const [evenIfNeeded, setEven] = useState(false)
  const query = useQuery({
    queryKey: ['sleep plan', hostId, test, evenIfNeeded],
    queryFn: () => api.host.sleep.mutate({ hostId, test, evenIfNeeded: evenIfNeeded && !test, dryRun: true }),
    placeholderData: (before) => before,
    refetchInterval: 5_000,
    staleTime: 0,
    retry: false,
  })
  if (!host) return null
  const answer = query.data
  const verb = test ? 'Prove that it wakes' : 'Put to sleep'
  const against =
    answer && !answer.plan.verdict.ok
      ? answer.plan.verdict.refusals.filter(
          (refusal) =>
            refusal.code !== 'blockers' && !(refusal.code === 'invalid' && refusal.field === 'host'),
        )
      : []
  const blocked = answer ? countsOf(answer.evacuation).blocked : 0
  const unproven = !test && !host.wake
  const reasons = [
    ...(unproven
      ? [`It was never shown that ${host.name} comes up when it is switched on. Prove it first.`]
      : []),
    ...reasonsAgainstHost(tables, host, test ? 'proveWake' : 'sleep'),
    ...(query.isError ? [sayError(query.error)] : []),
    ...against.map(sayRefusal),
    ...(blocked > 0
      ? [`${sayCount(blocked, 'VM')} can go nowhere. Mend what is marked red; the plan follows by itself.`]
      : []),
  ]
  return (
    <Confirm
      wide
      title={test ? `Prove that ${host.name} wakes` : `Put ${host.name} to sleep`}
      about={
        test
          ? 'It is emptied live, goes down, and is switched on again at once through its fence device. When its agent reports, it is proven: only then may it be put to sleep.'
          : 'It is emptied live, shut down, and proven off by its fence device. It stays asleep until somebody wakes it.'
      }
      label={
        running.length > 0
          ? `Move ${sayCount(running.length, 'VM')} and ${test ? 'prove it' : 'put to sleep'}`
          : verb
      }
      why="Optional; shown with the host and kept in the history."
      reasons={[...new Set(reasons)]}
      run={(reason) =>
        act(test ? `prove that ${host.name} wakes` : `put ${host.name} to sleep`, () =>
          api.host.sleep.mutate({
            hostId,
            test,
            evenIfNeeded: evenIfNeeded && !test,
            ...(reason ? { reason } : {}),
          }),
        )
      }
      onClose={closeDialog}
    >
      {unproven && (
        <Notice tone="warning">
          <span className="min-w-0 flex-1">
            It was never shown that {host.name} comes up when it is switched on. Prove it first.
          </span>
          <button
            type="button"
            className="link"
            onClick={() => openDialog({ kind: 'sleep', hostId, test: true })}
          >
            Prove that it wakes…
          </button>
        </Notice>
      )}
      {against.map((refusal) => (
        <Notice key={sayRefusal(refusal)} tone="warning">
          <span className="min-w-0 flex-1">{sayRefusal(refusal)}</span>
        </Notice>
      ))}
      {query.isError ? (
        <Trouble title="No plan could be made" onRetry={() => void query.refetch()}>
          {sayError(query.error)}
        </Trouble>
      ) : !answer ? (
        <Skeleton rows={4} />
      ) : (
        <div className="grid gap-2">
          <PlanTotals plan={answer.evacuation} />
          {answer.evacuation.moves.length > 0 && <PlanTable plan={answer.evacuation} />}
        </div>
      )}
      {!test && (
        <Check
          label="Also if what is left would not survive the failures that it should"
          hint="Without it, such a host stays awake."
          checked={evenIfNeeded}
          onChange={(event) => setEven(event.target.checked)}
        />
      )}
    </Confirm>
  )
}

const figures: { key: keyof PowerModel; label: string }[] = [
  { key: 'idleWatts', label: 'Idle' },
  { key: 'maxWatts', label: 'Under full load' },
  { key: 'asleepWatts', label: 'Asleep' },
]

/** What a host draws, where it differs from what its cluster says. */
export function PowerModelDialog({ hostId }: { hostId: HostId }) {
  const host: Host | undefined = useRow('host', hostId)
  const cluster = useRow('cluster', host?.clusterId)
  const standard = cluster?.power?.model ?? defaultPowerSettings.model
  const [own, setOwn] = useState(host?.powerModel !== undefined)
  const [texts, setTexts] = useState<Record<string, string>>(() =>
    Object.fromEntries(
      figures.map(({ key }) => [key, numberText(watts, (host?.powerModel ?? standard)[key])]),
    ),
  )
  if (!host) return null
  const wrong = own && figures.some(({ key }) => numberProblem(watts, texts[key]!) !== null)
  return (
    <Confirm
      title={`What ${host.name} draws`}
      about="What its sleep saves is worked out from these, unless its board measures. Between idle and full load it goes with the CPU."
      label="Save"
      reasons={wrong ? ['Mend the fields marked red first.'] : []}
      run={() =>
        act(`change what ${host.name} draws`, () =>
          api.host.changePowerModel.mutate({
            hostId,
            model: own
              ? (Object.fromEntries(
                  figures.map(({ key }) => [key, numberValue(watts, texts[key]!)]),
                ) as unknown as PowerModel)
              : null,
          }),
        )
      }
      onClose={closeDialog}
    >
      <Check label="As its cluster says" checked={!own} onChange={(event) => setOwn(!event.target.checked)} />
      {own &&
        figures.map(({ key, label }) => (
          <NumberField
            key={key}
            label={label}
            spec={watts}
            text={texts[key]!}
            onText={(text) => setTexts({ ...texts, [key]: text })}
          />
        ))}
    </Confirm>
  )
}
