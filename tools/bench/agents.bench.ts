import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@drover/harness/wait'
import { until } from '@drover/lab'
import { buildAgent, buildControl, controlDaemon, Operator, type Program, service } from '@drover/lab/drover'
import type { Patch, Vm } from '@drover/model'
import { startTestServer } from '@drover/store/test-server'
import type { Bench } from '../bench'
import { Browser } from './browser'
import { bucketsBetween, readMetrics } from './metrics'
import { cpuSeconds, machineSeconds, residentBytes, withChildren } from './proc'
import { bucketQuantile, quantile } from './statistics'
import { table } from './table'

const clicks = 240
const powerClicks = 60

/**
 * A fleet of simulated hosts, with the real agent on each, on one control daemon with PostgreSQL behind it: what it
 * takes, and how long a click takes to come back while the fleet talks.
 */
export const bench: Bench = {
  about: 'many agents on one control daemon: CPU, memory, heartbeats, and from a click to its patch',
  options: { hosts: '500', vms: '20', seconds: '40' },
  async run(options, print) {
    const hosts = Number(options.hosts)
    const vms = hosts * Number(options.vms)
    const dir = mkdtempSync(join(tmpdir(), 'drover-bench-'))
    const postgres = await startTestServer()
    const [program, agent] = await Promise.all([buildControl(), buildAgent(dir)])
    const agentPort = await freePort(18_250)
    const control = await controlDaemon({
      name: 'control',
      dir,
      program,
      databaseUrl: Object.assign(new URL(postgres.url), { pathname: '/drover' }).toString(),
      agentHost: '127.0.0.1',
      agentPort,
      adminPassword: 'only-for-this-run',
      agentBundle: agent.args.at(-1)!,
    })
    const fleet = service(
      {
        cwd: dir,
        args: [
          ...agent.args,
          '--dir',
          join(dir, 'fleet'),
          'simulate',
          ...fleetOptions(dir, hosts, vms, agentPort),
        ],
      },
      {},
      join(dir, 'fleet.log'),
    )
    try {
      await control.lead()
      const operator = new Operator(await control.signIn())
      await makeTokens(operator, agent, dir, hosts, vms)
      const began = performance.now()
      fleet.start()
      await settled(operator, hosts, vms)
      print(
        `${hosts} hosts joined and ${vms} VMs adopted in ${((performance.now() - began) / 1000).toFixed(1)} s`,
      )
      await pause(15_000)
      const browser = await Browser.open(operator.api, control.url)
      const pids = {
        control: [control.process.pid],
        database: withChildren(postgres.pid),
        fleet: [fleet.pid],
        browser: [process.pid],
      }
      const before = {
        metrics: await readMetrics(control.url),
        cpu: cpuOf(pids),
        machine: machineSeconds(),
        at: performance.now(),
      }
      const clicked = await clickAround(operator, browser, Number(options.seconds) * 1_000)
      const seconds = (performance.now() - before.at) / 1000
      const after = { metrics: await readMetrics(control.url), cpu: cpuOf(pids), machine: machineSeconds() }
      browser.close()

      const heard = bucketsBetween(before.metrics, after.metrics, 'drover_heartbeat_seconds')
      const beats = heard.at(-1)?.[1] ?? 0
      const busy = (after.machine.busy - before.machine.busy) / (after.machine.all - before.machine.all)
      print(
        `measured for ${seconds.toFixed(0)} s; heartbeats taken in: ${(beats / seconds).toFixed(0)} a second of ${hosts}`,
      )
      print(
        `all processors together: ${(busy * 100).toFixed(0)} % in use${busy > 0.95 ? ': SATURATED, the figures below are those of an overloaded machine' : ''}`,
      )
      print('')
      const usage = (name: keyof typeof pids, what: string): string[] => [
        what,
        `${(((after.cpu[name] - before.cpu[name]) / seconds) * 100).toFixed(0)} %`,
        `${Math.round(residentBytes(pids[name]) / 1e6)} MB`,
      ]
      const rows = [
        ['process', 'CPU (of one core)', 'memory'],
        usage('control', 'control daemon'),
        usage('database', 'PostgreSQL'),
        usage('fleet', 'the simulated fleet'),
        usage('browser', 'the browser client (this process)'),
      ]
      for (const line of table(rows)) print(line)
      print('')
      const times = [['milliseconds', 'count', 'p50', 'p99', 'longest']]
      const seconds50 = bucketQuantile(heard, 0.5) * 1000
      times.push([
        'one heartbeat taken in',
        String(beats),
        seconds50.toFixed(2),
        (bucketQuantile(heard, 0.99) * 1000).toFixed(2),
        '',
      ])
      for (const [what, values] of Object.entries(clicked))
        times.push([
          what,
          String(values.length),
          ms(quantile(values, 0.5)),
          ms(quantile(values, 0.99)),
          ms(Math.max(...values)),
        ])
      for (const line of table(times)) print(line)
      const lag = after.metrics.get('nodejs_eventloop_lag_p99_seconds') ?? Number.NaN
      print(
        `\ncontrol's event loop: p99 lag ${ms(lag * 1000)} ms. The browser client's socket and calls go to control directly.`,
      )
      print('The goal is a p99 below 100 ms from a click to its patch.')
    } finally {
      await fleet.end('SIGTERM', 15_000)
      await control.process.end('SIGTERM')
      await postgres.remove()
      rmSync(dir, { recursive: true, force: true })
    }
  },
}

function fleetOptions(dir: string, hosts: number, vms: number, agentPort: number): string[] {
  const server = ['--server', `http://127.0.0.1:${agentPort}`, '--tokens', join(dir, 'tokens.json')]
  return [...server, '--hosts', String(hosts), '--vms', String(vms)]
}

/** A datacenter with the fleet's clusters, and a join token for every host. */
async function makeTokens(
  { api }: Operator,
  agent: Program,
  dir: string,
  hosts: number,
  vms: number,
): Promise<void> {
  const words = [...agent.args, 'describe', '--hosts', String(hosts), '--vms', String(vms)]
  const text = execFileSync(process.execPath, words, { encoding: 'utf8', maxBuffer: 1 << 28 })
  const described = (JSON.parse(text) as { hosts: { cluster: string }[] }).hosts
  await api.mutate('datacenter.create', { name: 'Fleet' })
  const [datacenter] = (await api.query<{ rows: { datacenter: { id: string }[] } }>('inventory.snapshot'))
    .rows.datacenter
  const tokens: Record<string, string[]> = {}
  for (const name of new Set(described.map(({ cluster }) => cluster))) {
    await api.mutate('cluster.create', { datacenterId: datacenter!.id, name })
    const { rows } = await api.query<{ rows: { cluster: { id: string; name: string }[] } }>(
      'inventory.snapshot',
    )
    const clusterId = rows.cluster.find((cluster) => cluster.name === name)!.id
    tokens[name] = []
    for (const { cluster } of described) {
      if (cluster !== name) continue
      tokens[name].push((await api.mutate<{ token: string }>('host.createJoinToken', { clusterId })).token)
    }
  }
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'tokens.json'), JSON.stringify(tokens))
}

async function settled(operator: Operator, hosts: number, vms: number): Promise<void> {
  await until(
    'the fleet has joined',
    600_000,
    async () => {
      const { rows } = await operator.snapshot()
      return rows.host.filter(({ state }) => state === 'connected').length >= hosts && rows.vm.length >= vms
    },
    1_000,
  )
}

/** Clicks all over the fleet, spread over the time. What each took, by kind, in milliseconds. */
async function clickAround(
  operator: Operator,
  browser: Browser,
  durationMs: number,
): Promise<Record<string, number[]>> {
  const all = (await operator.snapshot()).rows.vm
  const running = all.filter(({ power }) => power === 'running')
  const any = <T>(list: T[], n: number): T => list[(n * 7919) % list.length]!
  const took: Record<string, number[]> = {
    'click to patch: notes': [],
    'click to patch: suspend is accepted': [],
    'click to patch: it is suspended': [],
  }
  const everyMs = durationMs / clicks
  const began = performance.now()
  for (let n = 0; n < clicks; n++) {
    await pause(Math.max(0, began + n * everyMs - performance.now()))
    took['click to patch: notes']!.push(await notes(browser, any(all, n), n))
    if (n % (clicks / powerClicks) !== 0) continue
    const [accepted, done] = await suspend(browser, any(running, n))
    took['click to patch: suspend is accepted']!.push(accepted)
    took['click to patch: it is suspended']!.push(done)
  }
  return took
}

async function notes(browser: Browser, vm: Vm, n: number): Promise<number> {
  const began = performance.now()
  const patched = browser.patch(`notes of ${vm.name}`, 20_000, about(vm, 'vm.changed'))
  const clicked = browser.api.mutate('vm.change', { vmId: vm.id, changes: { notes: `click ${n}` } })
  const [at] = await Promise.all([patched, clicked])
  return at - began
}

async function suspend(browser: Browser, vm: Vm): Promise<[accepted: number, done: number]> {
  const began = performance.now()
  const accepted = browser.patch(`suspending ${vm.name}`, 20_000, about(vm, 'task.created'))
  const done = browser.patch(`${vm.name} suspended`, 20_000, about(vm, 'vm.power'))
  const ended = browser.patch(`the task on ${vm.name}`, 20_000, about(vm, 'task.ended'))
  const clicked = browser.api.mutate('vm.suspend', { vmId: vm.id })
  const [first, last] = await Promise.all([accepted, done, ended, clicked])
  const again = browser.patch(`${vm.name} resumed`, 20_000, about(vm, 'task.ended'))
  await Promise.all([again, browser.api.mutate('vm.resume', { vmId: vm.id })])
  return [first - began, last - began]
}

const about =
  (vm: Vm, kind: string) =>
  (patch: Patch): boolean =>
    patch.events.some(({ body, subjects }) => body.kind === kind && subjects.includes(vm.id))

function cpuOf<K extends string>(pids: Record<K, number[]>): Record<K, number> {
  const entries = Object.entries(pids).map(([name, list]) => [name, cpuSeconds(list as number[])])
  return Object.fromEntries(entries) as Record<K, number>
}

const ms = (value: number): string => value.toFixed(1)
const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs))
