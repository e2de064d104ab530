import type { ObjectId } from '@drover/model'
import {
  clustersByDatacenter,
  datastoresByDatacenter,
  hostsByCluster,
  networksByDatacenter,
  vmsByCluster,
  vmsByHost,
} from '../../replica/look'
import type { ReplicaTables } from '../../replica/replica'
import { byName } from '../../ui/table/column'
import type { TreeView } from '../store'

/** One visible line of the tree. */
export interface TreeRow {
  id: ObjectId
  name: string
  level: number
  /** Null: it has nothing inside. */
  open: boolean | null
}

interface Branch {
  id: ObjectId
  name: string
  /** Open unless toggled. */
  open: boolean
  inside: () => Branch[]
}

const leaf = (object: { id: ObjectId; name: string }): Branch => ({
  id: object.id,
  name: object.name,
  open: false,
  inside: () => [],
})

function branches(tables: ReplicaTables, view: TreeView): Branch[] {
  const inside = (id: ObjectId): Branch[] => {
    if (view === 'storage') return (datastoresByDatacenter(tables).get(id) ?? []).map(leaf)
    if (view === 'networks') return (networksByDatacenter(tables).get(id) ?? []).map(leaf)
    return (clustersByDatacenter(tables).get(id) ?? []).map((cluster) => ({
      id: cluster.id,
      name: cluster.name,
      open: true,
      inside: () =>
        view === 'vms'
          ? (vmsByCluster(tables).get(cluster.id) ?? []).map(leaf)
          : (hostsByCluster(tables).get(cluster.id) ?? []).map((host) => ({
              id: host.id,
              name: host.name,
              open: false,
              inside: () => (vmsByHost(tables).get(host.id) ?? []).map(leaf),
            })),
    }))
  }
  return [...tables.datacenter.values()].sort(byName).map((datacenter) => ({
    id: datacenter.id,
    name: datacenter.name,
    open: true,
    inside: () => inside(datacenter.id),
  }))
}

/** The lines to draw, top down: what is closed hides what is inside. */
export function treeRows(
  tables: ReplicaTables,
  view: TreeView,
  toggled: Readonly<Record<string, boolean>>,
): TreeRow[] {
  const rows: TreeRow[] = []
  function walk(list: Branch[], level: number) {
    for (const branch of list) {
      const children = branch.inside()
      const open = children.length === 0 ? null : (toggled[`${view}/${branch.id}`] ?? branch.open)
      rows.push({ id: branch.id, name: branch.name, level, open })
      if (open) walk(children, level + 1)
    }
  }
  walk(branches(tables, view), 1)
  return rows
}
