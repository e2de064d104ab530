import { roleAllows } from '@drover/model'
import { openDialog, useUser } from '../console/store'
import { useTables } from '../replica/hooks'
import type { ReplicaTables } from '../replica/replica'
import { Button } from '../ui/button'
import { cx } from '../ui/cx'
import { Mark } from '../ui/state'

/** What the first VM is made from, or where to put it. */
function firstImage({ host, datastore }: ReplicaTables): string {
  const [one] = host.values()
  const store = one?.datastores[0]
  if (!store || [...datastore.values()].some(({ images }) => images.length > 0))
    return 'From an image on a datastore of that host.'
  return `It is made from an image. Put one (qcow2 or raw) on ${one.name} into ${store.path}/images/; it is seen within a minute.`
}

/** From nothing to the first VM, one thing at a time. */
export function FirstSteps() {
  const tables = useTables()
  const { role } = useUser()
  const admin = roleAllows(role, 'admin')
  const cluster = [...tables.cluster.values()][0]
  const datacenter = [...tables.datacenter.values()][0]
  const steps = [
    {
      done: Boolean(datacenter),
      title: 'Add a datacenter',
      about: 'A place: what stands in it shares storage and networks. Usually named after its city.',
      label: 'Add datacenter…',
      may: admin,
      run: () => openDialog({ kind: 'add datacenter' }),
    },
    {
      done: Boolean(cluster),
      title: 'Add a cluster',
      about: 'A set of hosts that VMs move between.',
      label: 'Add cluster…',
      may: admin,
      run: () => openDialog({ kind: 'add cluster', datacenterId: datacenter?.id }),
    },
    {
      done: tables.host.size > 0,
      title: 'Add a host',
      about: 'Run one command on the machine. VMs that already run there are taken in as they are.',
      label: 'Add host…',
      may: admin,
      run: () => cluster && openDialog({ kind: 'enrol host', clusterId: cluster.id }),
    },
    {
      done: tables.vm.size > 0,
      title: 'Create the first VM',
      about: firstImage(tables),
      label: 'New VM…',
      may: true,
      run: () => openDialog({ kind: 'create vm', clusterId: cluster?.id }),
    },
  ]
  const current = steps.findIndex((step) => !step.done)
  return (
    <section className="panel max-w-3xl" aria-label="First steps">
      <h2 className="border-b border-line px-4 py-3 text-lg font-semibold">From here to your first VM</h2>
      <ol>
        {steps.map((step, i) => (
          <li
            key={step.title}
            className={cx(
              'flex items-center gap-3 border-b border-line px-4 py-3 last:border-0',
              i > current && 'opacity-70',
            )}
          >
            <Mark
              tone={step.done ? 'ok' : i === current ? 'working' : 'off'}
              label={step.done ? 'done' : i === current ? 'next' : 'later'}
              size={12}
            />
            <div className="flex-1">
              <h3 className={cx('font-medium', step.done && 'text-text-3')}>{step.title}</h3>
              {!step.done && <p className="text-text-2">{step.about}</p>}
            </div>
            {i === current && (
              <Button look="primary" reasons={step.may ? [] : ['This needs an admin.']} onClick={step.run}>
                {step.label}
              </Button>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
