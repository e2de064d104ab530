import { type Datastore, type DatastoreId, sayBytes, sayList, sayPercent } from '@drover/model'
import { EventLines } from '../event/lines'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useRow, useTables } from '../replica/hooks'
import { hostsIn, vmsIn } from '../replica/look'
import { Bar } from '../ui/bar'
import { Facts, Panel } from '../ui/facts'

/** All about one datastore that fits on a page. */
export function DatastoreSummary({ id }: { id: DatastoreId }) {
  const datastore: Datastore | undefined = useRow('datastore', id)
  const tables = useTables()
  if (!datastore) return null
  const scope = { noun: 'datastore', id } as const
  const hosts = hostsIn(tables, scope)
  const used = datastore.capacityBytes - datastore.freeBytes
  const promised = vmsIn(tables, scope)
    .flatMap((vm) => vm.disks)
    .filter((disk) => disk.datastoreId === id)
    .reduce((sum, disk) => sum + disk.sizeBytes, 0)
  return (
    <div className="grid content-start gap-4 p-4 lg:grid-cols-2">
      <Panel title="Space">
        <div className="grid gap-2 px-3 pt-3">
          <Bar fraction={used / Math.max(1, datastore.capacityBytes)} label="Used" className="h-2!" />
        </div>
        <Facts
          rows={[
            [
              'Used',
              <Num key="u">
                {sayBytes(used)} ({sayPercent(used / Math.max(1, datastore.capacityBytes))})
              </Num>,
            ],
            ['Free', <Num key="f">{sayBytes(datastore.freeBytes)}</Num>],
            ['Size', <Num key="c">{sayBytes(datastore.capacityBytes)}</Num>],
            ['Promised to disks', <Num key="p">{sayBytes(promised)}</Num>],
          ]}
        />
      </Panel>
      <Panel title="Who sees it">
        <p className="px-3 py-2">
          {hosts.length === 0
            ? 'No host sees it now.'
            : hosts.length === 1
              ? 'Only one host: VMs on it move with their disks.'
              : `Shared by ${hosts.length} hosts: VMs on it move between them without copying disks.`}
        </p>
        <p className="px-3 pb-2 text-text-2">{sayList(hosts.map((host) => host.name))}</p>
      </Panel>
      <Panel title="Images" className="lg:col-span-2" aside="new VMs are made from these">
        {datastore.images.length === 0 ? (
          <p className="px-3 py-2 text-text-3">
            None. Put a .qcow2, .raw or .img file into the folder <code className="num">images</code> of this
            datastore; it shows up here by itself.
          </p>
        ) : (
          <ul>
            {datastore.images.map((image) => (
              <li key={image.path} className="flex gap-4 border-b border-line px-3 py-1.5 last:border-0">
                <span className="flex-1 font-medium">{image.name}</span>
                <span className="num text-text-3 max-md:hidden">{image.path}</span>
                <span className="num w-24 text-right">{sayBytes(image.sizeBytes)}</span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Panel
        title="Latest events"
        className="lg:col-span-2"
        aside={<Link href={paths.object(id, 'events')}>All events</Link>}
      >
        <EventLines query={{ subjects: [id], limit: 6 }} />
      </Panel>
    </div>
  )
}

function Num({ children }: { children: React.ReactNode }) {
  return <span className="num">{children}</span>
}
