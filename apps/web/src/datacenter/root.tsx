import { type Datacenter, roleAllows } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { trpc } from '../api/client'
import { ClusterCards } from '../cluster/cards'
import { useUser } from '../console/store'
import { EventLines } from '../event/lines'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useTables } from '../replica/hooks'
import { clustersByDatacenter } from '../replica/look'
import { Panel } from '../ui/facts'
import { byName } from '../ui/table/column'
import { FirstSteps } from './first-steps'

/** Everything at a glance; with nothing there yet, the way to the first VM. */
export function RootSummary() {
  const tables = useTables()
  const { role } = useUser()
  const datacenters = [...tables.datacenter.values()].sort(byName)
  const young = tables.host.size === 0 || tables.vm.size === 0
  return (
    <div className="grid content-start gap-4 p-4">
      {young && roleAllows(role, 'operator') && <FirstSteps />}
      {datacenters.map((datacenter) => (
        <Section key={datacenter.id} datacenter={datacenter} />
      ))}
      {tables.host.size > 0 && (
        <Panel title="Latest events" aside={<Link href={paths.root('events')}>All events</Link>}>
          <EventLines query={{ limit: 8 }} />
        </Panel>
      )}
      <System />
    </div>
  )
}

function Section({ datacenter }: { datacenter: Datacenter }) {
  const clusters = clustersByDatacenter(useTables()).get(datacenter.id) ?? []
  if (clusters.length === 0) return null
  return (
    <section className="grid gap-2" aria-label={datacenter.name}>
      <h2>
        <Link href={paths.object(datacenter.id)} className="font-medium">
          {datacenter.name}
        </Link>
      </h2>
      <ClusterCards clusters={clusters} />
    </section>
  )
}

function System() {
  const { data } = useQuery(trpc.system.about.queryOptions(undefined, { staleTime: 60_000 }))
  if (!data) return null
  return (
    <p className="text-sm text-text-3">
      Drover {data.version}
      {data.demo && ', a demonstration: hosts and VMs are simulated'} · control daemon {data.daemon} leads ·
      database {data.database}
    </p>
  )
}
