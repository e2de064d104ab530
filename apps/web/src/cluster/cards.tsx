import { type Cluster, type Host, sayCount, type Vm } from '@drover/model'
import { hostState } from '../host/state'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useTables } from '../replica/hooks'
import { hostsByCluster, vmsByCluster } from '../replica/look'
import { Panel } from '../ui/facts'
import { State } from '../ui/state'
import { Capacity } from './capacity'

/** Clusters side by side: how full they are, and what is wrong in them. */
export function ClusterCards({ clusters }: { clusters: readonly Cluster[] }) {
  const tables = useTables()
  return (
    <div className="grid gap-4 lg:grid-cols-2 2xl:grid-cols-3">
      {clusters.map((cluster) => (
        <Card
          key={cluster.id}
          cluster={cluster}
          hosts={hostsByCluster(tables).get(cluster.id) ?? []}
          vms={vmsByCluster(tables).get(cluster.id) ?? []}
        />
      ))}
    </div>
  )
}

function Card({ cluster, hosts, vms }: { cluster: Cluster; hosts: Host[]; vms: Vm[] }) {
  const odd = hosts.filter((host) => hostState(host).tone !== 'ok')
  const crashed = vms.filter((vm) => vm.power === 'crashed' || vm.power === 'missing')
  const running = vms.filter((vm) => vm.power === 'running').length
  return (
    <Panel title={cluster.name} aside={<Link href={paths.object(cluster.id)}>Open</Link>}>
      <div className="grid gap-3 p-3">
        {hosts.length === 0 ? <p className="text-text-3">No host yet.</p> : <Capacity hosts={hosts} />}
        <div className="flex flex-wrap gap-x-4 gap-y-1 text-text-2">
          <Link href={paths.object(cluster.id, 'hosts')}>{sayCount(hosts.length, 'host')}</Link>
          <Link href={paths.object(cluster.id, 'vms')}>
            {sayCount(vms.length, 'VM')}, {running} running
          </Link>
        </div>
        {(odd.length > 0 || crashed.length > 0) && (
          <ul className="grid gap-1">
            {odd.slice(0, 5).map((host) => (
              <li key={host.id} className="flex gap-2">
                <Link href={paths.object(host.id)}>{host.name}</Link>
                <State {...hostState(host)} />
              </li>
            ))}
            {crashed.slice(0, 5).map((vm) => (
              <li key={vm.id} className="flex gap-2">
                <Link href={paths.object(vm.id)}>{vm.name}</Link>
                <State tone="error" word={vm.power} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  )
}
