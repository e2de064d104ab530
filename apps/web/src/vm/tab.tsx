import { type ClusterId, roleAllows, type Vm } from '@drover/model'
import { Monitor } from 'lucide-react'
import { useCallback, useMemo } from 'react'
import { openDialog, useUser } from '../console/store'
import { navigate } from '../nav/address'
import { List } from '../nav/list'
import { actionsOf } from '../object/actions'
import { paths } from '../paths'
import { tablesNow, useTables } from '../replica/hooks'
import { type Scope, vmsIn } from '../replica/look'
import { Blank } from '../ui/blank'
import { Button } from '../ui/button'
import { BulkBar } from './bulk'
import { vmColumns } from './columns'

/** The VMs of any place. */
export function VmsTab({ scope }: { scope: Scope }) {
  const tables = useTables()
  const { role } = useUser()
  const acts = roleAllows(role, 'operator')
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows come from these tables only; progress of tasks must not sort again
  const rows = useMemo(() => vmsIn(tables, scope), [tables.vm, tables.host, tables.cluster, scope.id])
  const columns = useMemo(
    () =>
      vmColumns
        .filter((column) => scope.noun !== 'host' || (column.id !== 'host' && column.id !== 'cluster'))
        .map((column) =>
          column.id === 'cluster' && scope.noun !== 'cluster' ? { ...column, extra: false } : column,
        ),
    [scope.noun],
  )
  const actions = useCallback((vm: Vm) => actionsOf(tablesNow(), vm.id, role), [role])
  const clusterId = scope.noun === 'cluster' ? (scope.id as ClusterId) : undefined

  return (
    <List
      label="VMs"
      noun="VM"
      rows={rows}
      columns={columns}
      actions={actions}
      onOpen={(vm) => navigate(paths.object(vm.id))}
      bulk={acts ? (chosen, clear) => <BulkBar vms={chosen} clear={clear} /> : undefined}
      tools={
        acts &&
        tables.host.size > 0 && (
          <Button onClick={() => openDialog({ kind: 'create vm', clusterId })}>New VM…</Button>
        )
      }
      empty={
        <Blank
          icon={Monitor}
          title="No VMs here"
          action={
            acts &&
            tables.host.size > 0 && (
              <Button look="primary" onClick={() => openDialog({ kind: 'create vm', clusterId })}>
                New VM…
              </Button>
            )
          }
        >
          VMs that run on a host when it is added show up by themselves; new ones are made from an image on a
          datastore.
        </Blank>
      }
    />
  )
}
