import {
  type Cluster,
  type ClusterId,
  defaultPowerSettings,
  type Host,
  roleAllows,
  sayCount,
} from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { Moon } from 'lucide-react'
import { useState } from 'react'
import { act } from '../../api/act'
import { api } from '../../api/client'
import { sayError } from '../../api/errors'
import { openDialog, useUser } from '../../console/store'
import { sayWatts } from '../../decision/state'
import { hostActionsOf } from '../../host/actions'
import { hostState, isAsleep } from '../../host/state'
import { Link } from '../../nav/link'
import { paths } from '../../paths'
import { useRow, useTables } from '../../replica/hooks'
import { hostsByCluster, recommendedIn } from '../../replica/look'
import { useStanding } from '../../replica/standing'
import { Blank, Trouble } from '../../ui/blank'
import { ActionButton } from '../../ui/button'
import { cx } from '../../ui/cx'
import { Panel } from '../../ui/facts'
import { Notice } from '../../ui/notice'
import { Mark, State } from '../../ui/state'
import { Ago, At, Since } from '../../ui/time'
import { sayPowerNow } from '../rules/words'
import { askPower, type PowerAnswer } from './ask'
import { modeWords } from './form'
import { LedgerPanel } from './ledger'

/** Which hosts sleep, since when, why and until when; what keeps the others awake; what it has saved. */
export function PowerPage({ id }: { id: ClusterId }) {
  const cluster: Cluster | undefined = useRow('cluster', id)
  const tables = useTables()
  const query = useQuery({
    queryKey: ['power', id],
    queryFn: () => askPower(id),
    refetchInterval: 5_000,
    placeholderData: (before) => before,
    retry: false,
  })
  if (!cluster) return null
  const hosts = hostsByCluster(tables).get(id) ?? []
  const asleep = hosts.filter(isAsleep)
  const awake = hosts.filter((host) => !isAsleep(host))
  const off = (cluster.power?.mode ?? 'off') === 'off'
  const open = recommendedIn(tables, { noun: 'cluster', id }).filter(({ power }) => power.length > 0).length
  return (
    <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4">
      <Mode cluster={cluster} asleep={asleep.length} />
      {query.isError && (
        <Trouble title="What keeps hosts awake cannot be worked out" onRetry={() => void query.refetch()}>
          {sayError(query.error)} Who sleeps is below all the same.
        </Trouble>
      )}
      {open > 0 && (
        <Notice tone="warning">
          <span className="min-w-0 flex-1">
            {open === 1 ? 'A recommendation waits' : `${open} recommendations wait`} for somebody to say so.
          </span>
          <Link href={paths.object(id, 'recommendations')}>Recommendations</Link>
        </Notice>
      )}
      <div className="grid content-start gap-4 xl:grid-cols-[3fr_2fr]">
        <Panel title="Asleep" aside={sayCount(asleep.length, 'host')}>
          {asleep.length === 0 ? (
            <Blank icon={Moon} title="No host sleeps" className="py-6!">
              A host that nobody needs can be emptied and switched off; it is woken through its fence device
              before it is needed again.
            </Blank>
          ) : (
            <ul aria-label="Hosts that sleep">
              {asleep.map((host) => (
                <Sleeper key={host.id} host={host} answer={query.data} />
              ))}
            </ul>
          )}
        </Panel>
        <LedgerPanel answer={query.data} loading={query.isPending} />
      </div>
      {query.data && query.data.held.length > 0 && (
        <Panel title="Held back" aside="wanted, and waits">
          <ul>
            {query.data.held.map((text) => (
              <li key={text} className="border-b border-line px-3 py-1 text-text-2 last:border-0">
                {text}
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Panel title="Awake" aside={off ? undefined : 'what keeps each of them awake'}>
        <ul aria-label="Hosts that are awake">
          {awake.map((host) => (
            <Waker key={host.id} host={host} answer={query.data} off={off} />
          ))}
        </ul>
      </Panel>
    </div>
  )
}

/** How far it goes by itself, in its sentence; switched here. */
function Mode({ cluster, asleep }: { cluster: Cluster; asleep: number }) {
  const { role } = useUser()
  const tables = useTables()
  const standing = useStanding()
  const [busy, setBusy] = useState(false)
  const settings = cluster.power ?? defaultPowerSettings
  const admin = roleAllows(role, 'admin')
  const modes = Object.keys(modeWords) as (keyof typeof modeWords)[]
  async function choose(mode: (typeof modes)[number]) {
    if (busy || mode === settings.mode) return
    setBusy(true)
    await act(`change the power saving of ${cluster.name}`, () =>
      api.cluster.changePower.mutate({ clusterId: cluster.id, changes: { mode } }),
    )
    setBusy(false)
  }
  return (
    <section aria-label="Power saving" className="panel grid gap-1 px-3 py-2">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span className="flex" role="radiogroup" aria-label="Power saving">
          {modes.map((mode) => (
            <label
              key={mode}
              title={modeWords[mode].means}
              className={cx(
                'relative flex h-7 items-center border border-l-0 border-line-strong px-3 first:rounded-l-md first:border-l last:rounded-r-md has-focus-visible:outline-2 has-focus-visible:outline-accent',
                settings.mode === mode ? 'bg-selected font-medium' : 'bg-surface text-text-2',
                admin && !standing ? 'hover:bg-hover' : 'opacity-75',
              )}
            >
              <input
                type="radio"
                name="power saving"
                className="sr-only"
                aria-label={modeWords[mode].label}
                checked={settings.mode === mode}
                disabled={!admin || standing !== null}
                onChange={() => void choose(mode)}
              />
              {modeWords[mode].label}
            </label>
          ))}
        </span>
        <State
          tone={asleep > 0 ? 'standby' : settings.mode === 'off' ? 'off' : 'ok'}
          word={asleep > 0 ? `${sayCount(asleep, 'host')} asleep` : 'all awake'}
        />
        <span className="flex-1 text-text-2 max-md:basis-full">{modeWords[settings.mode].means}</span>
        {admin && (
          <button
            type="button"
            className="link"
            onClick={() => openDialog({ kind: 'power rules', clusterId: cluster.id })}
          >
            Change its rules…
          </button>
        )}
      </div>
      {settings.mode !== 'off' && <p className="text-text-2">{sayPowerNow(tables, settings)}</p>}
      {settings.lowSince !== null && settings.mode !== 'off' && (
        <p className="text-text-3">
          A host has not been needed <Since at={settings.lowSince} />.
        </p>
      )}
    </section>
  )
}

const row =
  'grid grid-cols-[minmax(96px,130px)_minmax(0,1fr)_auto] gap-x-3 md:items-center gap-y-1 border-b max-md:grid-cols-[minmax(0,1fr)] border-line px-3 py-1.5 last:border-0'

function Sleeper({ host, answer }: { host: Host; answer: PowerAnswer | undefined }) {
  const { standby } = host
  const said = answer?.hosts.get(host.id)
  return (
    <li className={row}>
      <span className="grid">
        <Link href={paths.object(host.id)} className="truncate font-medium">
          {host.name}
        </Link>
        <State {...hostState(host)} className="text-sm" />
      </span>
      <span className="min-w-0">
        <span className="block">
          {said?.text ?? standby?.why ?? host.modeReason ?? 'It is not known why.'}
        </span>
        <span className="flex flex-wrap gap-x-4 text-sm text-text-3">
          {standby && (
            <span>
              since <At at={standby.at} className="num" /> (<Since at={standby.at} />)
            </span>
          )}
          {standby?.byHand ? (
            <span>until somebody wakes it</span>
          ) : standby?.until ? (
            <span>
              until about <At at={standby.until} className="num" />
            </span>
          ) : (
            standby && <span>until it is needed</span>
          )}
          <Proof host={host} />
          {said?.savedWatts != null && <span className="num">saves {sayWatts(said.savedWatts)} now</span>}
          {standby?.decisionId && <Link href={paths.decision(standby.decisionId)}>The decision</Link>}
        </span>
        {standby?.failed && (
          <span className="flex items-baseline gap-1.5 text-error">
            <Mark tone="error" /> It did not come up when it was woken,{' '}
            {sayCount(standby.failed.times, 'time')}, last <Ago at={standby.failed.at} />:{' '}
            {standby.failed.why}
          </span>
        )}
      </span>
      <HostButton host={host} id="wake" />
    </li>
  )
}

function Waker({ host, answer, off }: { host: Host; answer: PowerAnswer | undefined; off: boolean }) {
  const said = answer?.hosts.get(host.id)
  return (
    <li className={row}>
      <span className="grid">
        <Link href={paths.object(host.id)} className="truncate font-medium">
          {host.name}
        </Link>
        <State {...hostState(host)} className="text-sm" />
      </span>
      <span className="min-w-0">
        {!off && <span className="block text-text-2">{said?.text ?? '…'}</span>}
        <span className="flex flex-wrap gap-x-4 text-sm text-text-3">
          <Proof host={host} />
          {said?.watts != null && <span className="num">draws {sayWatts(said.watts)} now</span>}
          <Model host={host} />
        </span>
      </span>
      <span className="flex gap-1">
        {!host.wake && <HostButton host={host} id="prove wake" />}
        <HostButton host={host} id="sleep" />
      </span>
    </li>
  )
}

/** That it was seen to come up when it was switched on; what rules need before they put it to sleep. */
function Proof({ host }: { host: Host }) {
  if (!host.wake) return <span>its wake-up was never proven</span>
  return (
    <span className="inline-flex items-center gap-1.5">
      <Mark tone="ok" size={8} />
      <span>
        woken in <span className="num">{Math.round(host.wake.ms / 1_000)} s</span>, proven{' '}
        <Ago at={host.wake.at} />
      </span>
    </span>
  )
}

function Model({ host }: { host: Host }) {
  const { role } = useUser()
  const cluster = useRow('cluster', host.clusterId)
  const { idleWatts, maxWatts } = host.powerModel ?? cluster?.power?.model ?? defaultPowerSettings.model
  const text = `${idleWatts} to ${maxWatts} W`
  if (!roleAllows(role, 'admin')) return <span className="num">{text}</span>
  return (
    <button
      type="button"
      className="link num"
      title="What it draws, idle and under full load"
      onClick={() => openDialog({ kind: 'power model', hostId: host.id })}
    >
      {text}
    </button>
  )
}

/** One of the host's actions, with the same refusals as everywhere. */
function HostButton({ host, id }: { host: Host; id: string }) {
  const { role } = useUser()
  const standing = useStanding()
  const action = hostActionsOf(useTables(), host, role).find((each) => each.id === id)
  if (!action) return null
  return <ActionButton action={standing ? { ...action, reasons: [standing] } : action} look="plain" />
}
