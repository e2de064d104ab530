import { type Host, type HostId, sayDuration } from '@drover/model'
import { FenceDevices } from '../fence/panel'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useRow } from '../replica/hooks'
import { Facts, Panel } from '../ui/facts'
import { State } from '../ui/state'

/** What waiting for the deadline of a host comes to when no device can answer. */
const proves = 'Waiting for that is proof when no device can answer.'
const relied =
  'Its cluster takes waiting for that as proof when no device can answer, though a dead agent or a hung host stops nothing.'
const provesNothing =
  'Waiting for that proves nothing, as a dead agent or a hung host stops nothing: only a fence device or a person can. An admin may let the word of the agent count for the cluster.'

/** How a host is made sure of when it is lost. */
export function HostConfigure({ id }: { id: HostId }) {
  const host: Host | undefined = useRow('host', id)
  const cluster = useRow('cluster', host?.clusterId)
  if (!host) return null
  const selfFence = host.facts?.selfFence
  return (
    <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4">
      <FenceDevices host={host} />
      <Panel title="Self-fence">
        <Facts
          rows={[
            [
              'State',
              selfFence ? (
                <State
                  key="s"
                  tone="ok"
                  word={selfFence.watchdog ? 'armed, with a hardware watchdog' : 'armed, without a watchdog'}
                />
              ) : (
                <State key="s" tone="warning" word={host.facts ? 'not set up' : 'not known'} />
              ),
            ],
            [
              'What it does',
              selfFence
                ? `When its agent has reached neither control nor any datastore for ${cluster ? sayDuration(cluster.ha.leaseMs) : 'the lease time'}, it stops its VMs, hard${selfFence.watchdog ? ', and the watchdog resets the host' : ''}. ${selfFence.watchdog ? proves : cluster?.ha.selfFenceProof === 'agent' ? relied : provesNothing}`
                : 'Its agent would do nothing when it is cut off from everything, so waiting proves nothing: only a fence device or a person can.',
            ],
            cluster && [
              'Set for the cluster',
              <Link key="c" href={paths.object(cluster.id, 'ha')}>
                High availability of {cluster.name}
              </Link>,
            ],
          ]}
        />
      </Panel>
    </div>
  )
}
