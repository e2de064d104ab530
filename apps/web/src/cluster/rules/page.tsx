import {
  balanceLevels,
  type Cluster,
  type ClusterId,
  defaultBalanceSettings,
  defaultPowerSettings,
  roleAllows,
  sayBalance,
  type ThresholdRule,
} from '@drover/model'
import { useState } from 'react'
import { act } from '../../api/act'
import { openDialog, useUser } from '../../console/store'
import { Link } from '../../nav/link'
import { paths } from '../../paths'
import { useRow, useTables } from '../../replica/hooks'
import { recommendedIn } from '../../replica/look'
import { useStanding } from '../../replica/standing'
import { RulesSection } from '../../rule/page'
import { ThresholdsPanel } from '../../threshold/panel'
import { Button } from '../../ui/button'
import { Panel } from '../../ui/facts'
import { State } from '../../ui/state'
import { Since } from '../../ui/time'
import { automationOf, switchOff } from './automation'
import { modeWords } from './levels'
import { ShadowPanel } from './shadow'
import { sayPowerNow } from './words'

/** Everything that an admin has said about where VMs run, as sentences: thresholds, balance, power, and which VMs belong where. */
export function RulesPage({ id }: { id: ClusterId }) {
  const cluster: Cluster | undefined = useRow('cluster', id)
  if (!cluster) return null
  return (
    <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4">
      <AutomationBar cluster={cluster} />
      <ThresholdsPanel cluster={cluster} />
      <div className="grid content-start gap-4 lg:grid-cols-2">
        <BalancePanel cluster={cluster} />
        <PowerPanel cluster={cluster} />
      </div>
      <RulesSection id={id} />
      <ShadowPanel cluster={cluster} />
    </div>
  )
}

/** How far anything goes by itself, and the one click that ends it. */
function AutomationBar({ cluster }: { cluster: Cluster }) {
  const tables = useTables()
  const { role } = useUser()
  const standing = useStanding()
  const [busy, setBusy] = useState(false)
  const thresholds = [...tables.threshold.values()].filter(
    (rule: ThresholdRule) => rule.clusterId === cluster.id,
  )
  const { tone, word, means, on } = automationOf(cluster, thresholds)
  const open = recommendedIn(tables, { noun: 'cluster', id: cluster.id }).length
  async function off() {
    if (busy) return
    setBusy(true)
    await act(`switch the automation of ${cluster.name} off`, () => switchOff(cluster))
    setBusy(false)
  }
  return (
    <section aria-label="Automation" className="panel flex flex-wrap items-center gap-x-4 gap-y-1 px-3 py-2">
      <State tone={tone} word={word} className="font-medium" />
      <span className="min-w-0 flex-1 max-md:basis-full">{means}</span>
      {open > 0 && (
        <Link href={paths.object(cluster.id, 'recommendations')}>
          {open === 1 ? 'One recommendation' : `${open} recommendations`}
        </Link>
      )}
      {roleAllows(role, 'admin') && (
        <Button
          busy={busy}
          reasons={[
            ...(standing ? [standing] : []),
            ...(on ? [] : [`Nothing of ${cluster.name} is done by itself already.`]),
          ]}
          onClick={() => void off()}
        >
          Switch all automation off
        </Button>
      )}
    </section>
  )
}

function BalancePanel({ cluster }: { cluster: Cluster }) {
  const { role } = useUser()
  const settings = cluster.balance ?? defaultBalanceSettings
  const off = settings.mode === 'off'
  return (
    <Panel
      title="Balance"
      aside={
        <>
          <State tone={off ? 'off' : 'ok'} word={modeWords[settings.mode].label} />
          <Change
            role={role}
            label="Change the balance…"
            run={() => openDialog({ kind: 'balance', clusterId: cluster.id })}
          />
        </>
      }
    >
      <div className="grid gap-1 px-3 py-2">
        <p className={off ? 'text-text-3' : ''}>{sayBalance(settings)}</p>
        {!off && (
          <p className="text-sm text-text-3">
            {settings.level === null
              ? 'The figures were chosen one by one.'
              : balanceLevels[settings.level].text}
          </p>
        )}
        {settings.unevenSince !== null && !off && (
          <p className="text-warning">
            Uneven <Since at={settings.unevenSince} />, and a move would help.
          </p>
        )}
      </div>
    </Panel>
  )
}

function PowerPanel({ cluster }: { cluster: Cluster }) {
  const { role } = useUser()
  const tables = useTables()
  const settings = cluster.power ?? defaultPowerSettings
  const off = settings.mode === 'off'
  return (
    <Panel
      title="Power saving"
      aside={
        <>
          <State tone={off ? 'off' : 'ok'} word={settings.mode} />
          <Change
            role={role}
            label="Change power saving…"
            run={() => openDialog({ kind: 'power rules', clusterId: cluster.id })}
          />
        </>
      }
    >
      <div className="grid gap-1 px-3 py-2">
        <p className={off ? 'text-text-3' : ''}>{sayPowerNow(tables, settings)}</p>
        <p>
          <Link href={paths.object(cluster.id, 'power')}>
            Which hosts sleep, and what keeps the others awake
          </Link>
        </p>
      </div>
    </Panel>
  )
}

function Change({
  role,
  label,
  run,
}: {
  role: 'auditor' | 'operator' | 'admin'
  label: string
  run: () => void
}) {
  if (!roleAllows(role, 'admin')) return null
  return (
    <button type="button" className="link" aria-label={label} onClick={run}>
      Change…
    </button>
  )
}
