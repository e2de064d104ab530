import type { ClusterId, HostId, Task, VmId } from '@drover/model'
import { useInfiniteQuery } from '@tanstack/react-query'
import { ListChecks } from 'lucide-react'
import { useMemo } from 'react'
import { api } from '../api/client'
import { navigate } from '../nav/address'
import { List } from '../nav/list'
import { paths } from '../paths'
import { useTables } from '../replica/hooks'
import { type Scope, tasksIn } from '../replica/look'
import { Blank } from '../ui/blank'
import { Button } from '../ui/button'
import type { Order } from '../ui/table/column'
import { taskColumns } from './columns'

const newestFirst: Order = { column: 'at', descending: true }
const pageSize = 200

function filterOf(scope: Scope) {
  if (scope.noun === 'vm') return { vmId: scope.id as VmId }
  if (scope.noun === 'host') return { hostId: scope.id as HostId }
  if (scope.noun === 'cluster') return { clusterId: scope.id as ClusterId }
  return {}
}

/** The tasks of any place: the replica's live ones, and those of the past from history. */
export function TasksTab({ scope }: { scope: Scope }) {
  const tables = useTables()
  const past = useInfiniteQuery({
    queryKey: ['tasks', scope.noun, scope.id],
    queryFn: ({ pageParam }) =>
      api.task.list.query({
        ...filterOf(scope),
        limit: pageSize,
        ...(pageParam === null ? {} : { beforeAt: pageParam }),
      }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.nextBeforeAt,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows come from these tables only
  const rows = useMemo(() => {
    const live = tasksIn(tables, scope)
    const known = new Set(live.map((task) => task.id))
    const clusters = new Set(live.map((task) => task.clusterId))
    const older = (past.data?.pages ?? []).flatMap((page) => page.tasks as Task[])
    const inScope = (task: Task) =>
      scope.noun !== 'datacenter' ||
      clusters.has(task.clusterId) ||
      tables.cluster.get(task.clusterId)?.datacenterId === scope.id
    return [...live, ...older.filter((task) => !known.has(task.id) && inScope(task))]
  }, [tables.task, tables.cluster, scope.id, past.data])

  return (
    <List
      label="Tasks"
      noun="task"
      rows={rows}
      columns={taskColumns}
      fallback={newestFirst}
      onOpen={(task) => navigate(paths.task(task.id))}
      tools={
        past.hasNextPage && (
          <Button busy={past.isFetchingNextPage} onClick={() => void past.fetchNextPage()}>
            Older tasks
          </Button>
        )
      }
      empty={
        <Blank icon={ListChecks} title="No tasks yet">
          Everything that is asked of Drover becomes a task with steps, times and an outcome, and stays here.
        </Blank>
      }
    />
  )
}
