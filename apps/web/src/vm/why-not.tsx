import { type Host, type HostId, type LoadWhyNot, sayPercent, type Vm, type VmId } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { closeDialog, openDialog } from '../console/store'
import { useHostLoad } from '../host/load'
import { hostState } from '../host/state'
import { useRow, useTables } from '../replica/hooks'
import { hostsByCluster } from '../replica/look'
import { Bar } from '../ui/bar'
import { Skeleton, Trouble } from '../ui/blank'
import { Button } from '../ui/button'
import { cx } from '../ui/cx'
import { Dialog } from '../ui/dialog'
import { State, type Tone } from '../ui/state'

/** Why a VM is not on a host: every reason against, and what its move there would mean for the load. */
export function WhyNotDialog({ vmId, hostId }: { vmId: VmId; hostId?: HostId }) {
  const vm: Vm | undefined = useRow('vm', vmId)
  const tables = useTables()
  const hosts = (vm ? (hostsByCluster(tables).get(vm.clusterId) ?? []) : []).filter(
    (host) => host.id !== vm?.hostId,
  )
  const [picked, setPicked] = useState<HostId | undefined>(hostId ?? hosts[0]?.id)
  if (!vm) return null
  const home = tables.host.get(vm.hostId)
  return (
    <Dialog
      wide
      title={`Why is ${vm.name} not elsewhere?`}
      about={
        home
          ? `It lives on ${home.name}. Choose a host; the answer is worked out from the world as it is now.`
          : undefined
      }
      onClose={closeDialog}
      footer={
        <>
          <Button onClick={closeDialog}>Close</Button>
          {picked && (
            <Button onClick={() => openDialog({ kind: 'migrate', vmId, targetId: picked })}>Migrate…</Button>
          )}
        </>
      }
    >
      <div className="grid gap-4 sm:grid-cols-[240px_minmax(0,1fr)]">
        <div
          role="radiogroup"
          aria-label="Host"
          className="max-h-[52vh] overflow-y-auto rounded-md border border-line"
        >
          {hosts.map((host) => (
            <Choice
              key={host.id}
              host={host}
              chosen={picked === host.id}
              onChoose={() => setPicked(host.id)}
            />
          ))}
          {hosts.length === 0 && (
            <p className="px-3 py-2 text-text-3">There is no other host in its cluster.</p>
          )}
        </div>
        {picked && <Answer vmId={vmId} hostId={picked} />}
      </div>
    </Dialog>
  )
}

function Choice({ host, chosen, onChoose }: { host: Host; chosen: boolean; onChoose: () => void }) {
  const load = useHostLoad(host.id)
  const state = hostState(host)
  return (
    <label
      className={cx(
        'flex items-center gap-2 border-b border-line px-2 py-1 last:border-0',
        chosen ? 'bg-selected' : 'hover:bg-hover',
      )}
    >
      <input
        type="radio"
        name="host"
        aria-label={host.name}
        checked={chosen}
        onChange={onChoose}
        className="accent-(--accent)"
      />
      <span className="min-w-0 flex-1 truncate">{host.name}</span>
      {state.tone !== 'ok' ? (
        <State {...state} className="text-sm" />
      ) : (
        load.cpu !== null && <Bar fraction={load.cpu} label={`CPU of ${host.name}`} className="w-16" />
      )}
    </label>
  )
}

function Answer({ vmId, hostId }: { vmId: VmId; hostId: HostId }) {
  const query = useQuery({
    queryKey: ['why not', vmId, hostId],
    queryFn: () => api.vm.whyNot.query({ vmId, hostId }),
    refetchInterval: 5_000,
    retry: false,
  })
  if (query.isError)
    return (
      <Trouble title="It cannot be worked out" onRetry={() => void query.refetch()}>
        {sayError(query.error)}
      </Trouble>
    )
  if (!query.data) return <Skeleton rows={3} />
  return <WhyNotAnswer answer={query.data} />
}

const verdicts: Record<LoadWhyNot['verdict'], { tone: Tone; word: string }> = {
  there: { tone: 'ok', word: 'it is there' },
  'would help': { tone: 'ok', word: 'it could go there' },
  no: { tone: 'warning', word: 'not there' },
}

const abouts: Record<LoadWhyNot['reasons'][number]['about'], string> = {
  fact: 'Fact',
  rule: 'Rule',
  room: 'Room',
  limit: 'Limit',
  'left alone': 'Left alone',
  gain: 'Gain',
}

/** The first reason as a sentence, then all of them, then what a move there would mean for both hosts. */
function WhyNotAnswer({ answer }: { answer: LoadWhyNot }) {
  const sides = [
    ...(answer.source ? [{ name: answer.source.host.name, ...answer.source }] : []),
    ...(answer.target ? [{ name: answer.host.name, ...answer.target }] : []),
  ]
  return (
    <div className="grid content-start gap-3" aria-live="polite">
      <State {...verdicts[answer.verdict]} className="font-medium" />
      {answer.reasons.every(({ text }) => text !== answer.text) && <p>{answer.text}</p>}
      {answer.reasons.length > 0 && (
        <ul aria-label="Reasons" className="rounded-md border border-line">
          {answer.reasons.map(({ about, text }) => (
            <li
              key={`${about} ${text}`}
              className="grid grid-cols-[84px_1fr] gap-x-3 border-b border-line px-3 py-1 last:border-0"
            >
              <span className="text-text-3">{abouts[about]}</span>
              <span>{text}</span>
            </li>
          ))}
        </ul>
      )}
      {sides.length > 0 && (
        <table aria-label="Load, if it went there">
          <thead>
            <tr className="text-left text-sm text-text-3">
              <th className="font-medium">If it went there</th>
              <th className="text-right font-medium">CPU</th>
              <th className="text-right font-medium">Memory</th>
            </tr>
          </thead>
          <tbody>
            {sides.map(({ name, before, after }) => (
              <tr key={name} className="border-t border-line">
                <td className="py-0.5">{name}</td>
                <td className="num text-right">
                  {sayPercent(before.cpu)} → {sayPercent(after.cpu)}
                </td>
                <td className="num text-right">
                  {sayPercent(before.memory)} → {sayPercent(after.memory)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}
