import { type Cluster, roleAllows, type ThresholdRule } from '@drover/model'
import { Gauge, Plus } from 'lucide-react'
import { act } from '../api/act'
import { api } from '../api/client'
import { openDialog, useUser } from '../console/store'
import { useTables } from '../replica/hooks'
import { thresholdsIn } from '../replica/look'
import { useStanding } from '../replica/standing'
import { Blank } from '../ui/blank'
import { Button } from '../ui/button'
import { Panel } from '../ui/facts'
import { ActionMenu } from '../ui/menu'
import { State } from '../ui/state'
import { Since } from '../ui/time'
import { sayThresholdNow } from './words'

/** The thresholds of a cluster, each as its sentence, with the hosts that are above it now. */
export function ThresholdsPanel({ cluster }: { cluster: Cluster }) {
  const rules = thresholdsIn(useTables(), cluster.id)
  const { role } = useUser()
  const standing = useStanding()
  const admin = roleAllows(role, 'admin')
  const reasons = standing ? [standing] : []
  const add = () => openDialog({ kind: 'threshold', clusterId: cluster.id })
  const off = (cluster.balance?.mode ?? 'off') === 'off'
  return (
    <Panel
      title="Thresholds"
      aside={
        <>
          {off && rules.length > 0 && <span>not looked at: the automation is off</span>}
          {admin && rules.length > 0 && (
            <Button icon={Plus} reasons={reasons} onClick={add}>
              New threshold…
            </Button>
          )}
        </>
      }
    >
      {rules.length === 0 ? (
        <Blank
          icon={Gauge}
          className="py-6!"
          title={`${cluster.name} has no threshold yet`}
          action={
            admin && (
              <Button reasons={reasons} onClick={add}>
                New threshold…
              </Button>
            )
          }
        >
          “When CPU of a host is above 85 % for 5 min, move VMs away until it is under 70 %.”
        </Blank>
      ) : (
        <ul aria-label="Thresholds">
          {rules.map((rule) => (
            <Line key={rule.id} rule={rule} admin={admin} off={off} reasons={reasons} />
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Line({
  rule,
  admin,
  off,
  reasons,
}: {
  rule: ThresholdRule
  admin: boolean
  off: boolean
  reasons: string[]
}) {
  const tables = useTables()
  const above = Object.entries(rule.aboveSince)
  return (
    <li className="grid grid-cols-[minmax(110px,180px)_92px_1fr_auto] items-start gap-x-3 border-b border-line px-3 py-1.5 last:border-0 max-md:grid-cols-[1fr_auto_auto]">
      <span className="truncate font-medium">{rule.name}</span>
      {!rule.enabled ? (
        <State tone="off" word="not in use" />
      ) : above.length > 0 && !off ? (
        <State tone="warning" word="above" />
      ) : (
        <State tone={off ? 'off' : 'ok'} word={off ? 'at rest' : 'quiet'} />
      )}
      <span className="min-w-0 max-md:order-last max-md:col-span-3">
        {sayThresholdNow(tables, rule)}
        {!off &&
          above.map(([hostId, at]) => (
            <span key={hostId} className="block text-warning">
              {tables.host.get(hostId)?.name ?? 'a host that is gone'} has been above <Since at={at} />.
            </span>
          ))}
      </span>
      {admin ? (
        <ActionMenu
          trigger={
            <button type="button" className="link whitespace-nowrap">
              Change<span className="sr-only"> {rule.name}</span> <span aria-hidden>▾</span>
            </button>
          }
          actions={[
            {
              id: 'change',
              label: 'Change…',
              reasons,
              run: () => openDialog({ kind: 'threshold', clusterId: rule.clusterId, thresholdId: rule.id }),
            },
            {
              id: 'enable',
              label: rule.enabled ? 'Take out of use' : 'Put into use',
              reasons,
              run: () =>
                void act(`change the rule ${rule.name}`, () =>
                  api.threshold.change.mutate({ thresholdId: rule.id, changes: { enabled: !rule.enabled } }),
                ),
            },
            {
              id: 'delete',
              label: 'Delete…',
              danger: true,
              group: 'delete',
              reasons,
              run: () => openDialog({ kind: 'delete threshold', thresholdId: rule.id }),
            },
          ]}
        />
      ) : (
        <span />
      )}
    </li>
  )
}
