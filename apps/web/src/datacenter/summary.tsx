import { type DatacenterId, roleAllows } from '@drover/model'
import { Boxes } from 'lucide-react'
import { ClusterCards } from '../cluster/cards'
import { openDialog, useUser } from '../console/store'
import { StorageList } from '../datastore/list'
import { useTables } from '../replica/hooks'
import { clustersByDatacenter } from '../replica/look'
import { Blank } from '../ui/blank'
import { Button } from '../ui/button'

/** A datacenter at a glance: its clusters, its storage. */
export function DatacenterSummary({ id }: { id: DatacenterId }) {
  const tables = useTables()
  const { role } = useUser()
  const clusters = clustersByDatacenter(tables).get(id) ?? []
  if (clusters.length === 0) {
    return (
      <Blank
        icon={Boxes}
        title="No cluster yet"
        action={
          roleAllows(role, 'admin') && (
            <Button look="primary" onClick={() => openDialog({ kind: 'add cluster', datacenterId: id })}>
              Add cluster…
            </Button>
          )
        }
      >
        A cluster is a set of hosts that VMs move between. Add one, then add its hosts.
      </Blank>
    )
  }
  return (
    <div className="grid content-start gap-4 p-4">
      <ClusterCards clusters={clusters} />
      <StorageList datacenterId={id} />
    </div>
  )
}
