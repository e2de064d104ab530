import { type Cluster, type ClusterId, roleAllows, sayCount } from '@drover/model'
import { Server } from 'lucide-react'
import { openDialog, useUser } from '../console/store'
import { EventLines } from '../event/lines'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useRow, useTables } from '../replica/hooks'
import { hostsByCluster, vmsByCluster } from '../replica/look'
import { Blank } from '../ui/blank'
import { Button } from '../ui/button'
import { Facts, Panel } from '../ui/facts'
import { Capacity } from './capacity'
import { FailoverPanel } from './ha/capacity'
import { HaNotice } from './ha/notice'
import { ClusterMap } from './map/map'

/** A cluster at a glance: the map first. */
export function ClusterSummary({ id }: { id: ClusterId }) {
  const cluster: Cluster | undefined = useRow('cluster', id)
  const tables = useTables()
  const { role } = useUser()
  const hosts = hostsByCluster(tables).get(id) ?? []
  const vms = vmsByCluster(tables).get(id) ?? []
  if (!cluster) return null
  const admin = roleAllows(role, 'admin')
  if (hosts.length === 0) {
    return (
      <Blank
        icon={Server}
        title={`${cluster.name} has no host yet`}
        action={
          admin && (
            <Button look="primary" onClick={() => openDialog({ kind: 'enrol host', clusterId: id })}>
              Add host…
            </Button>
          )
        }
      >
        A host joins with one command that Drover makes for it. VMs that already run there show up by
        themselves.
      </Blank>
    )
  }
  const running = vms.filter((vm) => vm.power === 'running').length
  const limits = cluster.migrationLimits
  return (
    <div className="grid content-start gap-4 p-4">
      <HaNotice cluster={cluster} />
      <Panel
        title="Map"
        aside={
          <span>
            area is memory, fill is CPU
            <span className="max-md:hidden">; drag a VM to another host to migrate it</span>
          </span>
        }
      >
        <ClusterMap hosts={hosts} vms={vms} />
      </Panel>
      <div className="grid content-start gap-4 lg:grid-cols-2 2xl:grid-cols-3">
        <Panel title="Capacity">
          <div className="p-3">
            <Capacity hosts={hosts} />
          </div>
          <Facts
            rows={[
              [
                'Hosts',
                <Link key="h" href={paths.object(id, 'hosts')}>
                  {sayCount(hosts.length, 'host')}
                </Link>,
              ],
              [
                'VMs',
                <Link key="v" href={paths.object(id, 'vms')}>
                  {vms.length} VMs, {running} running
                </Link>,
              ],
            ]}
          />
        </Panel>
        <FailoverPanel clusterId={id} />
        <Panel
          title="Migrations at once"
          aside={
            admin && (
              <button
                type="button"
                className="link"
                onClick={() => openDialog({ kind: 'edit cluster', clusterId: id })}
              >
                Change
              </button>
            )
          }
        >
          <Facts
            rows={[
              [
                'Per host',
                <span key="h" className="num">
                  {limits.perHost}
                </span>,
              ],
              [
                'Per network',
                <span key="n" className="num">
                  {limits.perNetwork}
                </span>,
              ],
              [
                'Per datastore',
                <span key="d" className="num">
                  {limits.perDatastore}
                </span>,
              ],
            ]}
          />
          <p className="px-3 pb-2 text-sm text-text-3">More than that wait in a queue and say what for.</p>
        </Panel>
      </div>
      <Panel title="Latest events" aside={<Link href={paths.object(id, 'events')}>All events</Link>}>
        <EventLines query={{ subjects: [id, ...hosts.slice(0, 150).map((host) => host.id)], limit: 8 }} />
      </Panel>
    </div>
  )
}
