import {
  type Cluster,
  type ClusterId,
  type DatastoreId,
  type HostId,
  sayCount,
  sayDuration,
  sayList,
  type WhatIf,
} from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { HardDrive, HeartCrack, Server, X } from 'lucide-react'
import { api } from '../../api/client'
import { sayError } from '../../api/errors'
import { setParams, useParam } from '../../nav/address'
import { useRow, useTables } from '../../replica/hooks'
import { datastoresByDatacenter, hostsByCluster, vmsByCluster } from '../../replica/look'
import { Blank, Skeleton, Trouble } from '../../ui/blank'
import { Button } from '../../ui/button'
import { Panel } from '../../ui/facts'
import { CheckMenu } from '../../ui/menu'
import { Notice } from '../../ui/notice'
import { byName } from '../../ui/table/column'
import { FailoverBadge, useFailover } from '../ha/capacity'
import { WhatIfMap } from './map'
import { WhatIfTable } from './table'

/** The ids of a list in the address: `3,5` of hosts. */
function useIds<I extends string>(name: string, noun: string): I[] {
  const [text] = useParam(name)
  return text
    .split(',')
    .filter((each) => /^\d+$/.test(each))
    .map((each) => `${noun}-${each}` as I)
}

const toParam = (ids: readonly string[]) =>
  ids.map((id) => id.slice(id.lastIndexOf('-') + 1)).join(',') || null

/** What would become of every VM if some hosts, or a datastore, died now: the real engine on a copy of the real world. */
export function WhatIfPage({ id }: { id: ClusterId }) {
  const cluster: Cluster | undefined = useRow('cluster', id)
  const tables = useTables()
  const hostIds = useIds<HostId>('hosts', 'host')
  const datastoreIds = useIds<DatastoreId>('stores', 'datastore')
  const lost = hostIds.length + datastoreIds.length > 0
  const query = useQuery({
    queryKey: ['what if', id, hostIds.join(), datastoreIds.join()],
    queryFn: () => api.cluster.whatIf.query({ hostIds, datastoreIds }),
    enabled: lost,
    refetchInterval: 5_000,
    placeholderData: (before) => before,
    retry: false,
  })
  const capacity = useFailover(id).data
  if (!cluster) return null
  const hosts = hostsByCluster(tables).get(id) ?? []
  const stores = datastoresByDatacenter(tables).get(cluster.datacenterId) ?? []
  const answer = lost ? (query.data as WhatIf | undefined) : undefined
  const toggle = (hostId: HostId) =>
    setParams({
      hosts: toParam(
        hostIds.includes(hostId) ? hostIds.filter((each) => each !== hostId) : [...hostIds, hostId],
      ),
    })
  const names = [
    hostIds.map((each) => tables.host.get(each)),
    datastoreIds.map((each) => tables.datastore.get(each)),
  ]
    .flatMap((rows) => rows.map((row) => row ?? { name: 'something gone' }).sort(byName))
    .map(({ name }) => name)

  return (
    <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4">
      <div className="flex flex-wrap items-center gap-2">
        <CheckMenu
          label="Hosts that die"
          trigger={
            <Button icon={Server}>
              Hosts{hostIds.length > 0 && <span className="num text-accent">{hostIds.length}</span>}
            </Button>
          }
          options={hosts.map((host) => ({ value: host.id, label: host.name }))}
          chosen={new Set(hostIds)}
          onChange={(next) => setParams({ hosts: toParam([...next]) })}
        />
        <CheckMenu
          label="Datastores that are lost"
          trigger={
            <Button icon={HardDrive}>
              Datastores
              {datastoreIds.length > 0 && <span className="num text-accent">{datastoreIds.length}</span>}
            </Button>
          }
          options={stores.map((store) => ({ value: store.id, label: store.name }))}
          chosen={new Set(datastoreIds)}
          onChange={(next) => setParams({ stores: toParam([...next]) })}
        />
        {lost && (
          <Button look="ghost" icon={X} onClick={() => setParams({ hosts: null, stores: null })}>
            Clear
          </Button>
        )}
        <span className="min-w-0 text-lg font-medium" role="status">
          {answer ? headline(answer, names) : lost ? `If ${sayList(names)} died now …` : ''}
        </span>
        <span className="flex-1" />
        {capacity && <FailoverBadge capacity={capacity} />}
      </div>
      {query.isError && lost && (
        <Trouble title="It cannot be worked out" onRetry={() => void query.refetch()}>
          {sayError(query.error)}
        </Trouble>
      )}
      {answer?.warnings.map((warning) => (
        <Notice key={warning} tone="warning">
          <span className="min-w-0 flex-1">{warning}</span>
        </Notice>
      ))}
      <Panel
        title="Map"
        aside={
          lost
            ? 'dark: dead; blue: where they come up, with seconds'
            : 'press a host to see what its death would mean'
        }
      >
        <WhatIfMap
          hosts={hosts}
          vms={vmsByCluster(tables).get(id) ?? []}
          lost={hostIds}
          answer={answer}
          onToggle={toggle}
        />
      </Panel>
      {!lost ? (
        <Blank icon={HeartCrack} title="What if …?">
          Choose one host or several, or a datastore. Nothing is touched: the engine that would act answers on
          a copy of the world as it is now, for each VM where it would run and after how long, or why not.
        </Blank>
      ) : answer ? (
        <>
          <Stages answer={answer} />
          <Panel title="VMs" aside={`${answer.restarted} restarted, ${answer.notRestarted} not`}>
            <WhatIfTable answer={answer} />
          </Panel>
        </>
      ) : (
        !query.isError && <Skeleton rows={8} />
      )}
    </div>
  )
}

function headline(answer: WhatIf, names: readonly string[]): string {
  const lead = `If ${sayList(names)} died now, `
  if (answer.restarted + answer.notRestarted === 0) return `${lead}no VM would have to restart.`
  const stay = answer.notRestarted > 0 ? `${sayCount(answer.notRestarted, 'VM')} would stay down` : ''
  if (answer.restarted === 0) return `${lead}${stay}.`
  const run = `${sayCount(answer.restarted, 'VM')} would run again${answer.allRunningMs === null ? '' : ` within ${sayDuration(answer.allRunningMs)}`}`
  return `${lead}${run}${stay ? `, and ${stay}` : ''}.`
}

function Stages({ answer }: { answer: WhatIf }) {
  if (answer.stages.length === 0) return null
  return (
    <Panel title="How it would go on">
      <ol>
        {answer.stages.map((stage) => (
          <li
            key={`${stage.name} ${stage.text}`}
            className="grid grid-cols-[72px_minmax(120px,200px)_1fr] gap-x-3 border-b border-line px-3 py-1 last:border-0"
          >
            <span className="num text-right text-text-2">{sayDuration(stage.afterMs)}</span>
            <span className="font-medium first-letter:uppercase">{stage.name}</span>
            <span className="text-text-2">{stage.text}</span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
