import type { ClusterId, HostId, ObjectId, VmId } from '@drover/model'
import { AlarmsTab } from '../alarm/tab'
import { ClusterHa } from '../cluster/ha/page'
import { PowerPage } from '../cluster/power/page'
import { RulesPage } from '../cluster/rules/page'
import { ClusterSummary } from '../cluster/summary'
import { WhatIfPage } from '../cluster/what-if/page'
import { RootSummary } from '../datacenter/root'
import { DatacenterSummary } from '../datacenter/summary'
import { DatastoreSummary } from '../datastore/summary'
import { RecommendationsPage } from '../decision/recommendations'
import { DecisionsTab } from '../decision/tab'
import { EventsTab } from '../event/tab'
import { HostConfigure } from '../host/configure'
import { HostSummary } from '../host/summary'
import { HostsTab } from '../host/tab'
import { IncidentsTab } from '../incident/tab'
import { NetworkSummary } from '../network/summary'
import type { Noun, Place, Tab } from '../paths'
import { useRow } from '../replica/hooks'
import type { Scope } from '../replica/look'
import { TasksTab } from '../task/tab'
import { MonitorPage } from '../usage/page'
import { VmConfigure } from '../vm/configure'
import { VmSummary } from '../vm/summary'
import { VmsTab } from '../vm/tab'
import { Gone } from './gone'
import { ObjectHeader } from './header'
import { Tabs } from './tabs'

type ObjectPlace = Extract<Place, { page: 'object' }>

/** The page of anything in the inventory: the same header and the same tabs at every level. */
export function ObjectPage({ place }: { place: ObjectPlace }) {
  const { noun, id, tab } = place
  const row = useRow(noun === 'root' ? 'datacenter' : noun, id)
  if (noun !== 'root' && !row) return <Gone noun={noun} id={id as ObjectId} />
  const scope = { noun, id } as Scope
  return (
    <>
      <ObjectHeader scope={scope} />
      <Tabs scope={scope} tab={tab} />
      <TabBody scope={scope} tab={tab} />
    </>
  )
}

function TabBody({ scope, tab }: { scope: Scope; tab: Tab }) {
  switch (tab) {
    case 'summary':
      return (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <Summary noun={scope.noun} id={scope.id} />
        </div>
      )
    case 'ha':
      return <ClusterHa id={scope.id as ClusterId} />
    case 'what-if':
      return <WhatIfPage id={scope.id as ClusterId} />
    case 'recommendations':
      return <RecommendationsPage id={scope.id as ClusterId} />
    case 'decisions':
      return <DecisionsTab scope={scope} />
    case 'power':
      return <PowerPage id={scope.id as ClusterId} />
    case 'monitor':
      return <MonitorPage key={scope.id} id={scope.id as HostId | VmId} />
    case 'rules':
      return <RulesPage id={scope.id as ClusterId} />
    case 'configure':
      return scope.noun === 'vm' ? (
        <VmConfigure id={scope.id as VmId} />
      ) : (
        <HostConfigure id={scope.id as HostId} />
      )
    case 'incidents':
      return <IncidentsTab scope={scope} />
    case 'alarms':
      return <AlarmsTab scope={scope} />
    case 'vms':
      return <VmsTab scope={scope} />
    case 'hosts':
      return <HostsTab scope={scope} />
    case 'tasks':
      return <TasksTab scope={scope} />
    case 'events':
      return <EventsTab scope={scope} />
  }
}

function Summary({ noun, id }: { noun: Noun; id: ObjectId | null }) {
  switch (noun) {
    case 'root':
      return <RootSummary />
    case 'datacenter':
      return <DatacenterSummary id={id as `datacenter-${number}`} />
    case 'cluster':
      return <ClusterSummary id={id as `cluster-${number}`} />
    case 'host':
      return <HostSummary id={id as `host-${number}`} />
    case 'vm':
      return <VmSummary id={id as `vm-${number}`} />
    case 'datastore':
      return <DatastoreSummary id={id as `datastore-${number}`} />
    case 'network':
      return <NetworkSummary id={id as `network-${number}`} />
  }
}
