import { type NetworkId, sayList } from '@drover/model'
import { EventLines } from '../event/lines'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useRow, useTables } from '../replica/hooks'
import { hostsIn, vmsIn } from '../replica/look'
import { Panel } from '../ui/facts'

/** All about one network that fits on a page. */
export function NetworkSummary({ id }: { id: NetworkId }) {
  const network = useRow('network', id)
  const tables = useTables()
  if (!network) return null
  const scope = { noun: 'network', id } as const
  const hosts = hostsIn(tables, scope)
  const vms = vmsIn(tables, scope)
  return (
    <div className="grid content-start gap-4 p-4 lg:grid-cols-2">
      <Panel title="Who is on it">
        <p className="px-3 py-2">
          {hosts.length === 0
            ? 'No host is on it now.'
            : `VMs on ${network.name} can move between these hosts: ${sayList(hosts.map((host) => host.name))}.`}
        </p>
      </Panel>
      <Panel title="VMs" aside={<Link href={paths.object(id, 'vms')}>All {vms.length}</Link>}>
        <p className="px-3 py-2">
          {vms.length === 0
            ? 'No VM is on it.'
            : `${sayList(vms.slice(0, 8).map((vm) => vm.name))}${vms.length > 8 ? ', …' : ''}`}
        </p>
      </Panel>
      <Panel title="Latest events" className="lg:col-span-2">
        <EventLines query={{ subjects: [id], limit: 6 }} />
      </Panel>
    </div>
  )
}
