import { type DatacenterId, sayBytes, sayCount, sayPercent } from '@drover/model'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useTables } from '../replica/hooks'
import { datastoresByDatacenter, hostsIn } from '../replica/look'
import { Bar } from '../ui/bar'
import { Panel } from '../ui/facts'

/** The datastores of a datacenter, and how full they are. */
export function StorageList({ datacenterId }: { datacenterId: DatacenterId }) {
  const tables = useTables()
  const datastores = datastoresByDatacenter(tables).get(datacenterId) ?? []
  if (datastores.length === 0) return null
  return (
    <Panel title="Storage">
      <ul>
        {datastores.map((datastore) => {
          const used = datastore.capacityBytes - datastore.freeBytes
          const fraction = used / Math.max(1, datastore.capacityBytes)
          const hosts = hostsIn(tables, { noun: 'datastore', id: datastore.id }).length
          return (
            <li
              key={datastore.id}
              className="grid grid-cols-[minmax(120px,1fr)_minmax(100px,2fr)_52px_160px_110px] items-center gap-3 border-b border-line px-3 py-1.5 last:border-0 max-md:grid-cols-[1fr_1fr_52px]"
            >
              <Link href={paths.object(datastore.id)} className="truncate font-medium">
                {datastore.name}
              </Link>
              <Bar fraction={fraction} label={`Used of ${datastore.name}`} />
              <span className="num text-right">{sayPercent(fraction)}</span>
              <span className="num text-right text-text-3 max-md:hidden">
                {sayBytes(datastore.freeBytes)} of {sayBytes(datastore.capacityBytes)} free
              </span>
              <span className="text-right text-text-3 max-md:hidden">
                {hosts > 1 ? `shared by ${sayCount(hosts, 'host')}` : sayCount(hosts, 'host')}
              </span>
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}
