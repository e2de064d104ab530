import { type ClusterId, type Host, roleAllows } from '@drover/model'
import { Server } from 'lucide-react'
import { useCallback, useMemo } from 'react'
import { openDialog, useUser } from '../console/store'
import { navigate } from '../nav/address'
import { List } from '../nav/list'
import { actionsOf } from '../object/actions'
import { paths } from '../paths'
import { tablesNow, useTables } from '../replica/hooks'
import { hostsIn, type Scope } from '../replica/look'
import { Blank } from '../ui/blank'
import { Button } from '../ui/button'
import { hostColumns } from './columns'

/** The hosts of any place. */
export function HostsTab({ scope }: { scope: Scope }) {
  const tables = useTables()
  const { role } = useUser()
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows come from these tables only
  const rows = useMemo(() => hostsIn(tables, scope), [tables.host, tables.cluster, tables.vm, scope.id])
  const columns = useMemo(
    () => hostColumns.filter((column) => scope.noun !== 'cluster' || column.id !== 'cluster'),
    [scope.noun],
  )
  const actions = useCallback((host: Host) => actionsOf(tablesNow(), host.id, role), [role])
  const enrol =
    scope.noun === 'cluster' && roleAllows(role, 'admin')
      ? () => openDialog({ kind: 'enrol host', clusterId: scope.id as ClusterId })
      : null

  return (
    <List
      label="Hosts"
      noun="host"
      rows={rows}
      columns={columns}
      actions={actions}
      onOpen={(host) => navigate(paths.object(host.id))}
      tools={enrol && <Button onClick={enrol}>Add host…</Button>}
      empty={
        <Blank
          icon={Server}
          title="No hosts here"
          action={
            enrol && (
              <Button look="primary" onClick={enrol}>
                Add host…
              </Button>
            )
          }
        >
          A host joins a cluster when its agent is started with one command that Drover makes for it.
        </Blank>
      }
    />
  )
}
