import {
  isActive,
  roleAllows,
  sayBytes,
  sayDuration,
  sayPercent,
  type Task,
  type TaskParams,
  type Vm,
  type VmId,
} from '@drover/model'
import { useMemo, useState } from 'react'
import { openDialog, useUser } from '../console/store'
import { EventLines } from '../event/lines'
import { sayCores } from '../format/quantity'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useRow, useTables, useTrail, useVmUsage } from '../replica/hooks'
import { latestFirst } from '../replica/replica'
import { Button } from '../ui/button'
import { Facts, Panel } from '../ui/facts'
import { trailLength, UsagePanel } from '../ui/figure'
import { Notice } from '../ui/notice'
import { Mark } from '../ui/state'
import { Ago } from '../ui/time'
import { reasonsAgainst } from './actions'
import { VmAutomation } from './automation'
import { Tags } from './columns'
import { Definition } from './definition'
import { RecoveryNotice, VmHaSummary } from './ha'

/** All about one VM that fits on a page. */
export function VmSummary({ id }: { id: VmId }) {
  const vm: Vm | undefined = useRow('vm', id)
  if (!vm) return null
  return (
    <div className="grid content-start gap-4 p-4">
      <Notices vm={vm} />
      <div className="grid content-start gap-4 lg:grid-cols-2 2xl:grid-cols-3">
        <Usage vm={vm} />
        <About vm={vm} />
        <Disks vm={vm} />
        <Nics vm={vm} />
        <VmHaSummary vm={vm} />
        <VmAutomation vm={vm} />
        <Notes vm={vm} />
        <Definition vmId={vm.id} />
      </div>
      <Panel title="Latest events" aside={<Link href={paths.object(vm.id, 'events')}>All events</Link>}>
        <EventLines query={{ subjects: [vm.id], limit: 6 }} />
      </Panel>
    </div>
  )
}

/** What an operator has to know before anything else: a guest that ignored its shutdown, a VM in two places. */
function Notices({ vm }: { vm: Vm }) {
  const tables = useTables()
  const { role } = useUser()
  const [hidden, setHidden] = useState<string | null>(null)
  const last: Task | undefined = useMemo(
    () => [...tables.task.values()].filter((task) => task.vmId === vm.id).sort(latestFirst)[0],
    [tables.task, vm.id],
  )
  const ignored = last?.outcome?.code === 'shutdown_ignored' && vm.power === 'running' && hidden !== last.id
  const twice = vm.alsoOn?.map((hostId) => tables.host.get(hostId)?.name ?? 'a removed host') ?? []
  return (
    <>
      <RecoveryNotice vm={vm} />
      {twice.length > 0 && (
        <Notice tone="error">
          {vm.name} also runs on {twice.join(' and ')}. Its disk is in danger: stop all but one.
        </Notice>
      )}
      {vm.powerReason && vm.power !== 'running' && vm.power !== 'off' && (
        <Notice tone={vm.power === 'crashed' ? 'error' : 'warning'}>{vm.powerReason}</Notice>
      )}
      {ignored && last && (
        <Notice tone="warning">
          <span className="flex-1">
            The guest did not shut down within{' '}
            {sayDuration((last.params as TaskParams['vm.shutdown']).deadlineMs)}; it runs on.
          </span>
          {roleAllows(role, 'operator') && (
            <Button
              reasons={reasonsAgainst(tables, vm, 'stop')}
              onClick={() => openDialog({ kind: 'power', verb: 'stop', vmIds: [vm.id] })}
            >
              Hard stop…
            </Button>
          )}
          <Button look="ghost" onClick={() => setHidden(last.id)}>
            Leave it running
          </Button>
        </Notice>
      )}
    </>
  )
}

function Usage({ vm }: { vm: Vm }) {
  const usage = useVmUsage(vm.id)
  const cpu = useTrail(vm.id, trailLength, (all) => all.vms[vm.id]?.[0] ?? null)
  const memory = useTrail(vm.id, trailLength, (all) => all.vms[vm.id]?.[1] ?? null)
  const [cores, bytes] = usage ?? [0, 0]
  const absent = !isActive(vm)
    ? `${vm.name} is off and uses nothing.`
    : usage
      ? null
      : 'Its host has not said yet.'
  return (
    <UsagePanel
      absent={absent}
      figures={[
        {
          name: 'CPU',
          value: sayPercent(cores / Math.max(1, vm.vcpus)),
          of: `${sayCores(cores)} of ${vm.vcpus} vCPUs`,
          fraction: cores / Math.max(1, vm.vcpus),
          trail: cpu,
          max: vm.vcpus,
        },
        {
          name: 'Memory',
          value: sayBytes(bytes),
          of: `of ${sayBytes(vm.memoryBytes)}`,
          fraction: bytes / vm.memoryBytes,
          trail: memory,
          max: vm.memoryBytes,
        },
      ]}
    />
  )
}

function About({ vm }: { vm: Vm }) {
  const host = useRow('host', vm.hostId)
  const cluster = useRow('cluster', vm.clusterId)
  return (
    <Panel title="About it">
      <Facts
        rows={[
          cluster && [
            'Cluster',
            <Link key="c" href={paths.object(cluster.id)}>
              {cluster.name}
            </Link>,
          ],
          host && [
            'Host',
            <Link key="h" href={paths.object(host.id)}>
              {host.name}
            </Link>,
          ],
          [
            'vCPUs',
            <span key="v" className="num">
              {vm.vcpus}
            </span>,
          ],
          [
            'Memory',
            <span key="m" className="num">
              {sayBytes(vm.memoryBytes)}
            </span>,
          ],
          ['Created', <Ago key="a" at={vm.createdAt} />],
          ['Tags', vm.tags.length > 0 ? <Tags key="t" tags={vm.tags} /> : <None key="t" />],
        ]}
      />
    </Panel>
  )
}

function None() {
  return <span className="text-text-3">none</span>
}

function Disks({ vm }: { vm: Vm }) {
  const { datastore } = useTables()
  return (
    <Panel title="Disks" aside={sayBytes(vm.disks.reduce((sum, disk) => sum + disk.sizeBytes, 0))}>
      {vm.disks.length === 0 && !vm.strayDisks?.length && (
        <p className="px-3 py-2 text-text-3">It has no disk.</p>
      )}
      <ul>
        {vm.disks.map((disk, i) => (
          <li key={disk.path} className="grid gap-0.5 border-b border-line px-3 py-1.5 last:border-0">
            <span className="flex justify-between gap-3">
              <span>
                Disk {i + 1} on{' '}
                <Link href={paths.object(disk.datastoreId)}>
                  {datastore.get(disk.datastoreId)?.name ?? 'a datastore that is gone'}
                </Link>
              </span>
              <span className="num">
                {sayBytes(disk.sizeBytes)} {disk.format}
              </span>
            </span>
            <span className="num truncate text-text-3">{disk.path}</span>
          </li>
        ))}
        {vm.bound && (
          <li className="flex items-center gap-2 px-3 py-1.5">
            <Mark tone="off" label="only cold" />
            <span>It {vm.bound}, so it cannot be moved while it runs.</span>
          </li>
        )}
        {vm.strayDisks?.map((path) => (
          <li key={path} className="flex items-center gap-2 px-3 py-1.5">
            <Mark tone="warning" label="outside every datastore" />
            <span className="num truncate">{path}</span>
            <span className="text-text-3">on no datastore that Drover knows</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Nics({ vm }: { vm: Vm }) {
  const { network } = useTables()
  return (
    <Panel title="Networks">
      {vm.nics.length === 0 && <p className="px-3 py-2 text-text-3">It is on no network.</p>}
      <ul>
        {vm.nics.map((nic) => (
          <li
            key={nic.mac}
            className="flex justify-between gap-3 border-b border-line px-3 py-1.5 last:border-0"
          >
            <Link href={paths.object(nic.networkId)}>
              {network.get(nic.networkId)?.name ?? 'a network that is gone'}
            </Link>
            <span className="num text-text-2">{nic.mac}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Notes({ vm }: { vm: Vm }) {
  const { role } = useUser()
  return (
    <Panel
      title="Notes"
      aside={
        roleAllows(role, 'operator') && (
          <button type="button" className="link" onClick={() => openDialog({ kind: 'edit vm', vmId: vm.id })}>
            Edit
          </button>
        )
      }
    >
      <p className="whitespace-pre-wrap break-words px-3 py-2">
        {vm.notes || <span className="text-text-3">none</span>}
      </p>
    </Panel>
  )
}
