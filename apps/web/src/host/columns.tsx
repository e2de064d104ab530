import { type Host, sayBytes, sayCount, sayPercent } from '@drover/model'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { tablesNow, usageNow, useRow, useTables } from '../replica/hooks'
import { vmsByHost } from '../replica/look'
import { Bar } from '../ui/bar'
import { State } from '../ui/state'
import type { Column } from '../ui/table/column'
import { useHostLoad } from './load'
import { hostState } from './state'

function Load({ host, of }: { host: Host; of: 'cpu' | 'memory' }) {
  const load = useHostLoad(host.id)
  const fraction = load[of]
  if (fraction === null || host.state !== 'connected') return <span className="text-text-3">–</span>
  return (
    <span className="flex items-center gap-2">
      <Bar
        fraction={fraction}
        label={`${of === 'cpu' ? 'CPU' : 'Memory'} of ${host.name}`}
        className="flex-1"
      />
      <span className="num w-11 text-right">{sayPercent(fraction)}</span>
    </span>
  )
}

function VmCount({ host }: { host: Host }) {
  return <span className="num">{vmsByHost(useTables()).get(host.id)?.length ?? 0}</span>
}

function ClusterName({ id }: { id: Host['clusterId'] }) {
  const cluster = useRow('cluster', id)
  return cluster ? (
    <Link plain href={paths.object(id)}>
      {cluster.name}
    </Link>
  ) : null
}

const clusterName = (host: Host) => tablesNow().cluster.get(host.clusterId)?.name ?? ''

export const hostColumns: Column<Host>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 'minmax(140px, 1.6fr)',
    value: (host) => host.name,
    text: (host) => host.name,
    cell: (host) => (
      <Link href={paths.object(host.id)} className="font-medium">
        {host.name}
      </Link>
    ),
  },
  {
    id: 'state',
    header: 'State',
    width: 'minmax(120px, 1fr)',
    value: (host) => hostState(host).word,
    text: (host) => hostState(host).word,
    cell: (host) => <State {...hostState(host)} />,
  },
  {
    id: 'cluster',
    header: 'Cluster',
    width: 'minmax(110px, 1fr)',
    value: clusterName,
    text: clusterName,
    cell: (host) => <ClusterName id={host.clusterId} />,
  },
  {
    id: 'cpu',
    header: 'CPU',
    width: 'minmax(130px, 1.2fr)',
    value: (host) => usageNow().hosts[host.id]?.cpu ?? 0,
    cell: (host) => <Load host={host} of="cpu" />,
  },
  {
    id: 'memory',
    header: 'Memory',
    width: 'minmax(130px, 1.2fr)',
    value: (host) =>
      (usageNow().hosts[host.id]?.memoryUsedBytes ?? 0) / Math.max(1, host.facts?.memoryBytes ?? 1),
    cell: (host) => <Load host={host} of="memory" />,
  },
  {
    id: 'vms',
    header: 'VMs',
    width: '64px',
    right: true,
    value: (host) => vmsByHost(tablesNow()).get(host.id)?.length ?? 0,
    cell: (host) => <VmCount host={host} />,
  },
  {
    id: 'size',
    header: 'Size',
    width: 'minmax(150px, 1fr)',
    value: (host) => host.facts?.memoryBytes ?? 0,
    cell: (host) =>
      host.facts && (
        <span className="num">
          {sayCount(host.facts.cpu.cores, 'core')}, {sayBytes(host.facts.memoryBytes)}
        </span>
      ),
  },
  {
    id: 'address',
    header: 'Address',
    width: 'minmax(110px, 1fr)',
    extra: true,
    value: (host) => host.address,
    text: (host) => host.address,
    cell: (host) => <span className="num">{host.address}</span>,
  },
  {
    id: 'model',
    header: 'CPU model',
    width: 'minmax(140px, 1.4fr)',
    extra: true,
    value: (host) => host.facts?.cpu.model ?? '',
    text: (host) => host.facts?.cpu.model ?? '',
    cell: (host) => host.facts?.cpu.model,
  },
]
