import {
  type Cluster,
  type Datacenter,
  type Datastore,
  type Host,
  isSilent,
  type Network,
  roleAllows,
  sayBytes,
  sayCount,
  type Vm,
} from '@drover/model'
import { ChevronDown, Plus } from 'lucide-react'
import type { ReactNode } from 'react'
import { openDialog, useUser } from '../console/store'
import { sayFor } from '../format/time'
import { hostState } from '../host/state'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useRow, useTables } from '../replica/hooks'
import { clustersByDatacenter, hostsIn, type Scope, vmsIn } from '../replica/look'
import { useStanding, whileStanding } from '../replica/standing'
import type { Action } from '../ui/action'
import { ActionButton, Button } from '../ui/button'
import { useTimed } from '../ui/clock'
import { ActionMenu } from '../ui/menu'
import { State } from '../ui/state'
import { Since } from '../ui/time'
import { useVmState } from '../vm/use-state'
import { actionsOf } from './actions'
import { nounIcons } from './icons'

/** Icon, name, state in words, key facts, actions. */
export function ObjectHeader({ scope }: { scope: Scope }) {
  switch (scope.noun) {
    case 'root':
      return <RootHeader />
    case 'vm':
      return <VmHeader id={scope.id} />
    case 'host':
      return <HostHeader id={scope.id} />
    default:
      return <PlainHeader scope={scope} />
  }
}

function Shell({
  scope,
  name,
  state,
  facts,
  first = [],
}: {
  scope: Scope
  name: string
  state?: ReactNode
  facts: ReactNode
  /** Ids of the actions that have a button of their own. */
  first?: string[]
}) {
  const tables = useTables()
  const { role } = useUser()
  useStanding()
  const actions: Action[] =
    scope.noun === 'root' ? whileStanding(rootActions(role)) : actionsOf(tables, scope.id, role)
  const Icon = nounIcons[scope.noun]
  const buttons = first
    .map((id) => actions.find((action) => action.id === id))
    .filter((action) => action !== undefined)
  return (
    <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 bg-surface px-4 py-2">
      <Icon size={20} strokeWidth={1.5} className="shrink-0 text-text-3" aria-hidden />
      <h1 className="min-w-0 truncate text-xl font-semibold">{name}</h1>
      {state}
      <span className="flex min-w-0 flex-wrap items-center gap-x-3 text-text-2 max-md:order-last max-md:w-full">
        {facts}
      </span>
      <span className="flex-1" />
      {buttons.map((action) => (
        <ActionButton key={action.id} action={action} look={action.id === first[0] ? 'primary' : 'plain'} />
      ))}
      {actions.length > buttons.length && (
        <ActionMenu
          actions={actions}
          trigger={
            <Button>
              Actions
              <ChevronDown size={13} aria-hidden />
            </Button>
          }
        />
      )}
    </header>
  )
}

function rootActions(role: 'auditor' | 'operator' | 'admin'): Action[] {
  const all: Action[] = []
  if (roleAllows(role, 'admin')) {
    all.push({
      id: 'add datacenter',
      label: 'Add datacenter…',
      icon: Plus,
      group: 'new',
      reasons: [],
      run: () => openDialog({ kind: 'add datacenter' }),
    })
  }
  return all
}

function RootHeader() {
  const tables = useTables()
  return (
    <Shell
      scope={{ noun: 'root', id: null }}
      name="Everything"
      facts={
        <>
          <span>{sayCount(tables.cluster.size, 'cluster')}</span>
          <span>{sayCount(tables.host.size, 'host')}</span>
          <span>{sayCount(tables.vm.size, 'VM')}</span>
        </>
      }
      first={['add datacenter']}
    />
  )
}

function VmHeader({ id }: { id: string }) {
  const vm: Vm | undefined = useRow('vm', id)
  const host: Host | undefined = useRow('host', vm?.hostId)
  const state = useVmState(id)
  if (!vm || !state) return null
  const first =
    vm.power === 'running'
      ? ['migrate', 'shutdown']
      : vm.power === 'paused'
        ? ['resume', 'migrate']
        : ['start', 'migrate']
  return (
    <Shell
      scope={{ noun: 'vm', id: vm.id }}
      name={vm.name}
      state={<State tone={state.tone} word={state.word} />}
      facts={
        <>
          <Since at={vm.powerSince} className="text-text-3" />
          {host && (
            <span>
              on{' '}
              <Link href={paths.object(host.id)} className="in-text">
                {host.name}
              </Link>
            </span>
          )}
          <span>{sayCount(vm.vcpus, 'vCPU')}</span>
          <span>{sayBytes(vm.memoryBytes)}</span>
        </>
      }
      first={first}
    />
  )
}

function HostHeader({ id }: { id: string }) {
  const host: Host | undefined = useRow('host', id)
  const tables = useTables()
  if (!host) return null
  const state = hostState(host)
  const vms = vmsIn(tables, { noun: 'host', id: host.id })
  return (
    <Shell
      scope={{ noun: 'host', id: host.id }}
      name={host.name}
      state={<State tone={state.tone} word={state.word} />}
      facts={
        <>
          <HostFact host={host} />
          <span>{sayCount(vms.length, 'VM')}</span>
          {host.facts && <span>{sayCount(host.facts.cpu.cores, 'core')}</span>}
          {host.facts && <span>{sayBytes(host.facts.memoryBytes)}</span>}
        </>
      }
      first={firstOf(host)}
    />
  )
}

/** What one wants to do first with a host that stands so. */
function firstOf(host: Host): string[] {
  if (host.mode === 'standby') return ['wake']
  if (host.state === 'fenced') return ['power on']
  if (host.state === 'fencing') return ['confirm off']
  if (isSilent(host)) return ['fence']
  return [host.mode === 'normal' ? 'enter maintenance' : 'exit maintenance']
}

/** Since when it stands so, and how that is known. */
function HostFact({ host }: { host: Host }) {
  const said = useTimed((now) => {
    const since = sayFor(host.stateSince, now)
    if (host.state === 'suspect') return `silent ${since}`
    if (host.state === 'unwatched') return `its agent was stopped, its VMs run; ${since}`
    if (host.state === 'isolated') return `its agent is silent, its VMs run; ${since}`
    return since
  })
  const proof = host.state === 'fenced' && host.mode !== 'standby' ? host.proof : null
  return (
    <span className="text-text-3">
      {said}
      {proof && <span className="text-text-2">: {proof.text}</span>}
      {host.incidentId && (
        <>
          {' '}
          <Link href={paths.incident(host.incidentId)} className="in-text">
            Incident
          </Link>
        </>
      )}
    </span>
  )
}

type Plain = Datacenter | Cluster | Datastore | Network

function PlainHeader({ scope }: { scope: Exclude<Scope, { noun: 'root' }> }) {
  const tables = useTables()
  const row = tables[scope.noun as 'cluster'].get(scope.id) as Plain | undefined
  if (!row) return null
  const clusters = clustersByDatacenter(tables).get(scope.id)?.length ?? 0
  const store = scope.noun === 'datastore' ? (row as Datastore) : null
  return (
    <Shell
      scope={scope}
      name={row.name}
      facts={
        <>
          {scope.noun === 'datacenter' && <span>{sayCount(clusters, 'cluster')}</span>}
          {store && (
            <span>
              {sayBytes(store.freeBytes)} of {sayBytes(store.capacityBytes)} free
            </span>
          )}
          <span>{sayCount(hostsIn(tables, scope).length, 'host')}</span>
          <span>{sayCount(vmsIn(tables, scope).length, 'VM')}</span>
        </>
      }
      first={scope.noun === 'cluster' ? ['create vm', 'enrol host'] : ['add cluster']}
    />
  )
}
