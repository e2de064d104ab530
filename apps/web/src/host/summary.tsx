import { type Host, type HostId, sayBytes, sayCount, sayPercent, sayRate } from '@drover/model'
import { EventLines } from '../event/lines'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useHostUsage, useRow, useTables, useTrail } from '../replica/hooks'
import { Facts, Panel } from '../ui/facts'
import { trailLength, UsagePanel } from '../ui/figure'
import { Ago } from '../ui/time'
import { HostNotices } from './notices'
import { isAsleep } from './state'

/** All about one host that fits on a page. */
export function HostSummary({ id }: { id: HostId }) {
  const host: Host | undefined = useRow('host', id)
  if (!host) return null
  return (
    <div className="grid content-start gap-4 p-4">
      <HostNotices host={host} />
      <div className="grid content-start gap-4 lg:grid-cols-2 2xl:grid-cols-3">
        <Usage host={host} />
        <Machine host={host} />
        <Storage host={host} />
      </div>
      <Panel title="Latest events" aside={<Link href={paths.object(host.id, 'events')}>All events</Link>}>
        <EventLines query={{ subjects: [host.id], limit: 6 }} />
      </Panel>
    </div>
  )
}

function Usage({ host }: { host: Host }) {
  const usage = useHostUsage(host.id)
  const cpu = useTrail(host.id, trailLength, (all) => all.hosts[host.id]?.cpu ?? null)
  const memory = useTrail(host.id, trailLength, (all) => all.hosts[host.id]?.memoryUsedBytes ?? null)
  const total = host.facts?.memoryBytes ?? 0
  if (!usage || !host.facts || host.state !== 'connected') {
    const why = isAsleep(host) ? 'It is asleep and uses nothing.' : 'Not known while its agent is silent.'
    return <UsagePanel figures={[]} absent={why} />
  }
  const used = usage.memoryUsedBytes / Math.max(1, total)
  return (
    <UsagePanel
      absent={null}
      figures={[
        {
          name: 'CPU',
          value: sayPercent(usage.cpu),
          of: `of ${sayCount(host.facts.cpu.cores, 'core')}`,
          fraction: usage.cpu,
          trail: cpu,
          max: 1,
        },
        {
          name: 'Memory',
          value: sayPercent(used),
          of: `${sayBytes(usage.memoryUsedBytes)} of ${sayBytes(total)}`,
          fraction: used,
          trail: memory,
          max: total,
        },
      ]}
    >
      <Facts
        rows={[
          [
            'Disks',
            <Rates
              key="d"
              one="read"
              oneRate={usage.diskReadBytesPerSecond}
              two="written"
              twoRate={usage.diskWriteBytesPerSecond}
            />,
          ],
          [
            'Network',
            <Rates
              key="n"
              one="in"
              oneRate={usage.networkInBytesPerSecond}
              two="out"
              twoRate={usage.networkOutBytesPerSecond}
            />,
          ],
        ]}
      />
    </UsagePanel>
  )
}

function Rates({
  one,
  oneRate,
  two,
  twoRate,
}: {
  one: string
  oneRate: number
  two: string
  twoRate: number
}) {
  return (
    <span className="num">
      {sayRate(oneRate)} {one}, {sayRate(twoRate)} {two}
    </span>
  )
}

function Machine({ host }: { host: Host }) {
  const cluster = useRow('cluster', host.clusterId)
  const facts = host.facts
  const num = (text: string) => <span className="num">{text}</span>
  return (
    <Panel title="Machine">
      <Facts
        rows={[
          cluster && [
            'Cluster',
            <Link key="c" href={paths.object(cluster.id)}>
              {cluster.name}
            </Link>,
          ],
          ['Address', num(host.address)],
          facts && [
            'CPU',
            `${facts.cpu.model}, ${sayCount(facts.cpu.cores, 'core')}${facts.cpu.mhz ? `, ${(facts.cpu.mhz / 1000).toFixed(1)} GHz` : ''}`,
          ],
          facts && [
            'Memory',
            num(`${sayBytes(facts.memoryBytes)}, ${sayBytes(facts.reservedMemoryBytes)} kept for itself`),
          ],
          facts && ['Hypervisor', hypervisor(facts.hypervisor)],
          facts && ['Agent', num(facts.agentVersion)],
          ['Joined', <Ago key="j" at={host.enrolledAt} />],
        ]}
      />
    </Panel>
  )
}

function hypervisor(facts: NonNullable<Host['facts']>['hypervisor']): string {
  if (facts.kind === 'simulated') return 'simulated: no real VMs run here'
  const how = facts.accelerator === 'kvm' ? 'KVM' : 'emulated, without KVM'
  return `QEMU ${facts.emulatorVersion}, libvirt ${facts.version}, ${how}`
}

function Storage({ host }: { host: Host }) {
  const tables = useTables()
  return (
    <Panel title="Storage and networks">
      <Facts
        rows={[
          ...host.datastores.map(
            (mount) =>
              [
                tables.datastore.get(mount.datastoreId)?.name ?? 'unknown',
                <span key={mount.datastoreId} className="flex gap-3">
                  <Link href={paths.object(mount.datastoreId)}>
                    {sayBytes(tables.datastore.get(mount.datastoreId)?.freeBytes ?? 0)} free
                  </Link>
                  <span className="num truncate text-text-3">{mount.path}</span>
                </span>,
              ] as const,
          ),
          host.datastores.length === 0 && ['Datastores', 'none'],
          [
            'Networks',
            host.networks.length === 0
              ? 'none'
              : host.networks.map((id, i) => (
                  <span key={id}>
                    {i > 0 && ', '}
                    <Link href={paths.object(id)}>{tables.network.get(id)?.name ?? 'unknown'}</Link>
                  </span>
                )),
          ],
        ]}
      />
    </Panel>
  )
}
