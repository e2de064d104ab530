import { powerWords, sayBytes, type Vm } from '@drover/model'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { tablesNow, usageNow, useRow } from '../replica/hooks'
import type { Column } from '../ui/table/column'
import { Ago } from '../ui/time'
import { VmCpu, VmMemory, VmStateCell } from './live'

const nameOf = (table: 'host' | 'cluster', id: string) => tablesNow()[table].get(id)?.name ?? ''

function Named({ table, id }: { table: 'host' | 'cluster'; id: `host-${number}` | `cluster-${number}` }) {
  const row = useRow(table, id)
  return row ? (
    <Link plain href={paths.object(id)}>
      {row.name}
    </Link>
  ) : null
}

const disks = (vm: Vm) => vm.disks.reduce((sum, disk) => sum + disk.sizeBytes, 0)

export const vmColumns: Column<Vm>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 'minmax(150px, 2fr)',
    value: (vm) => vm.name,
    text: (vm) => vm.name,
    cell: (vm) => (
      <Link href={paths.object(vm.id)} className="font-medium">
        {vm.name}
      </Link>
    ),
  },
  {
    id: 'state',
    header: 'State',
    width: 'minmax(130px, 1.4fr)',
    value: (vm) => powerWords[vm.power],
    text: (vm) => powerWords[vm.power],
    cell: (vm) => <VmStateCell id={vm.id} />,
  },
  {
    id: 'host',
    header: 'Host',
    width: 'minmax(110px, 1.2fr)',
    value: (vm) => nameOf('host', vm.hostId),
    text: (vm) => nameOf('host', vm.hostId),
    cell: (vm) => <Named table="host" id={vm.hostId} />,
  },
  {
    id: 'cluster',
    header: 'Cluster',
    width: 'minmax(110px, 1.2fr)',
    extra: true,
    value: (vm) => nameOf('cluster', vm.clusterId),
    text: (vm) => nameOf('cluster', vm.clusterId),
    cell: (vm) => <Named table="cluster" id={vm.clusterId} />,
  },
  {
    id: 'cpu',
    header: 'CPU',
    width: 'minmax(110px, 1fr)',
    value: (vm) => (usageNow().vms[vm.id]?.[0] ?? 0) / Math.max(1, vm.vcpus),
    cell: (vm) => <VmCpu vm={vm} />,
  },
  {
    id: 'vcpus',
    header: 'vCPUs',
    width: '64px',
    right: true,
    value: (vm) => vm.vcpus,
    cell: (vm) => <span className="num">{vm.vcpus}</span>,
  },
  {
    id: 'memory',
    header: 'Memory',
    width: 'minmax(120px, 1fr)',
    value: (vm) => vm.memoryBytes,
    cell: (vm) => <VmMemory vm={vm} />,
  },
  {
    id: 'disk',
    header: 'Disk',
    width: '84px',
    right: true,
    value: disks,
    cell: (vm) => <span className="num">{sayBytes(disks(vm))}</span>,
  },
  {
    id: 'since',
    header: 'In this state since',
    width: '130px',
    extra: true,
    value: (vm) => vm.powerSince,
    cell: (vm) => <Ago at={vm.powerSince} />,
  },
  {
    id: 'created',
    header: 'Created',
    width: '110px',
    extra: true,
    value: (vm) => vm.createdAt,
    cell: (vm) => <Ago at={vm.createdAt} />,
  },
  {
    id: 'tags',
    header: 'Tags',
    width: 'minmax(90px, 1fr)',
    value: (vm) => vm.tags.join(' '),
    text: (vm) => vm.tags.join(' '),
    cell: (vm) => <Tags tags={vm.tags} />,
  },
]

/** Tags as small labels. */
export function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <span className="flex gap-1">
      {tags.map((tag) => (
        <span key={tag} className="rounded-sm border border-line px-1 text-xs text-text-2">
          {tag}
        </span>
      ))}
    </span>
  )
}
