import { decideEvacuate } from '@drover/engine'
import { ensureSystemPackages, labImpossible } from '@drover/harness/system'
import { createInstallation, createVm, type Installation, type LabVm, said } from '@drover/lab/drover'
import { isOpen, type Task } from '@drover/model'
import { describeDatacenter, Simulation } from '@drover/simulation'
import type { Bench } from '../bench'
import { table } from './table'

const MiB = 1024 ** 2

/** How long it takes to empty a host, beside the time that its link needs to carry what was carried. */
export const bench: Bench = {
  about:
    'evacuating a host of 30 simulated and of 6 real VMs: total time against bytes ÷ link, and nothing stopped',
  options: { simulated: '30', real: '6', 'link-mbit': '400' },
  async run(options, print) {
    const rows = [['', 'VMs', 'carried', 'link', 'ideal', 'total', 'ratio', 'stopped']]
    rows.push(await simulated(Number(options.simulated)))
    await ensureSystemPackages(print)
    const impossible = labImpossible()
    if (impossible) print(`Without real VMs: the lab cannot run here: ${impossible}.`)
    else rows.push(await real(Number(options.real), Number(options['link-mbit'])))
    for (const line of table(rows)) print(line)
    print('\nideal: bytes that the migrations carried ÷ the rate of the link that all of them leave by')
    print('total: from the order to the host being empty; the simulated one in virtual time')
  },
}

function row(
  name: string,
  vms: number,
  bytes: number,
  rate: number,
  totalMs: number,
  stopped: number,
): string[] {
  const idealMs = (bytes / rate) * 1000
  return [
    name,
    String(vms),
    `${(bytes / MiB).toFixed(0)} MiB`,
    `${(rate / MiB).toFixed(0)} MiB/s`,
    `${(idealMs / 1000).toFixed(2)} s`,
    `${(totalMs / 1000).toFixed(2)} s`,
    (totalMs / idealMs).toFixed(2),
    String(stopped),
  ]
}

const bytesOf = (tasks: Task[]) =>
  tasks.reduce((sum, { outcome }) => sum + (outcome?.code === 'migrated' ? (outcome.bytes ?? 0) : 0), 0)

async function simulated(vms: number): Promise<string[]> {
  const shape = { hosts: 4, shared: { running: vms, off: 0 }, local: { running: 0, off: 0 } }
  const description = describeDatacenter(1, shape)
  const [first] = description.hosts
  // All of them on one host, and room for them on the others.
  for (const vm of description.vms) vm.host = first!.name
  for (const host of description.hosts)
    Object.assign(host, { memoryBytes: (vms + 8) * 1024 * MiB, cores: 64 })
  const simulation = new Simulation({ seed: 1, description })
  await simulation.begin()
  const world = () => simulation.leader()!.world
  const host = [...world().tables.host.values()].find(({ name }) => name === first!.name)!
  const boots = new Map(
    [...simulation.truth.host(host.name).domains.values()].map(({ uuid, guest }) => [uuid, guest?.bootId]),
  )
  const startedAt = simulation.now()
  // biome-ignore lint/suspicious/noThenProperty: what follows when the host is empty; nobody awaits it
  const input = { hostId: host.id, then: 'nothing' as const, reason: 'benchmark' }
  const { taskId } = await simulation.must((now, ctx) => decideEvacuate(now, input, ctx))
  const task = () => world().tables.task.get(taskId!)!
  await simulation.wait('the host is empty', () => !isOpen(task()), 3_600_000)
  const totalMs = simulation.now() - startedAt
  if (task().state !== 'succeeded') throw new Error(`It was not emptied: ${JSON.stringify(task().outcome)}`)
  const moves = [...world().tables.task.values()].filter(({ parentId }) => parentId === taskId)
  let stopped = 0
  for (const [uuid, boot] of boots)
    if (
      ![...simulation.truth.hosts.values()].some(({ domains }) => domains.get(uuid)?.guest?.bootId === boot)
    )
      stopped++
  return row('simulated', vms, bytesOf(moves), first!.linkBytesPerSecond, totalMs, stopped)
}

async function real(vms: number, mbit: number): Promise<string[]> {
  const site = await createInstallation({ name: 'bench-evacuate', hosts: 3, built: true })
  try {
    const limits = { perHost: 4, perNetwork: 8, perDatastore: 8 }
    await site.operator.api.mutate('cluster.change', { clusterId: site.clusterId, migrationLimits: limits })
    const made: LabVm[] = []
    for (let n = 1; n <= vms; n++)
      made.push(await createVm(site.operator, { name: `guest-${n}`, host: 'lab-1' }))
    const boots = new Map<string, string>()
    for (const vm of made) boots.set(vm.name, (await site.lab.guests.waitFor(vm.address)).boot)
    const link = ['rate', `${mbit}mbit`, 'burst', '512kb', 'latency', '100ms']
    await site.lab.host('lab-1').exec('tc', ['qdisc', 'add', 'dev', 'mgmt0', 'root', 'tbf', ...link])
    const startedAt = performance.now()
    const hostId = (await site.operator.host('lab-1')).id
    // biome-ignore lint/suspicious/noThenProperty: the procedure's word, never awaited
    const task = await site.operator.do('host.evacuate', { hostId, then: 'nothing' }, 300_000)
    const totalMs = performance.now() - startedAt
    if (task.state !== 'succeeded') throw new Error(`It was not emptied: ${said(task)}`)
    const stopped = await rebooted(site, made, boots)
    const { rows } = await site.operator.snapshot()
    const moves = rows.task.filter(({ parentId }) => parentId === task.id)
    return row('real', vms, bytesOf(moves), (mbit * 1e6) / 8, totalMs, stopped)
  } finally {
    await site.destroy()
  }
}

/** Guests that are not the boot that they were, or do not answer. */
async function rebooted(site: Installation, vms: LabVm[], boots: Map<string, string>): Promise<number> {
  let count = 0
  for (const vm of vms) {
    const status = await site.lab.guests.waitFor(vm.address, { timeoutMs: 10_000 }).catch(() => undefined)
    if (status?.boot !== boots.get(vm.name)) count++
  }
  return count
}
