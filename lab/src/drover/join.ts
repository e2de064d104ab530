import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { quoted, until } from '../run'
import type { Lab, LabHost } from '../types'
import type { Operator } from './operator'
import type { Program } from './programs'

/** The command that the dashboard shows for a cluster: for a shell on the host; it joins, and then runs. */
export async function shownCommand(operator: Operator, clusterId: string): Promise<string> {
  return (await operator.api.mutate<{ command: string }>('host.createJoinToken', { clusterId })).command
}

/** The same without running: in the lab, PID 1 of the host runs the agent. */
export const onlyJoining = (command: string): string => command.replace(' --run', '')

/** The shown command as somebody pastes it into a shell on the host, with the host's own options behind it. */
export function pasted(host: LabHost, command: string): [program: string, args: string[]] {
  const options = ownOptions(host).map(quoted).join(' ')
  return ['sh', ['-c', `cd ${quoted(host.agentDir)}\n${command} ${options}`]]
}

/** What a lab host adds to that command: its name, its networks, its storage. */
function ownOptions(host: LabHost): string[] {
  const storage = ['--datastore', 'shared=/srv/shared', '--datastore', `local-${host.number}=/srv/local`]
  const own = ['--name', host.name, '--address', host.address, '--migration', 'tcp', '--network', 'br0']
  const watchdog = host.hasWatchdog() ? ['--watchdog'] : []
  return ['--dir', host.agentDir, ...own, ...storage, '--reserve-memory', '0', ...watchdog]
}

/** How `drover-agent` is called on a lab host. */
export function agentOn(host: LabHost, agent: Program): string[] {
  return [process.execPath, ...agent.args, '--dir', host.agentDir]
}

/** Enrols a lab host as an operator would, and starts its agent. */
export async function joinHost(
  operator: Operator,
  agent: Program,
  clusterId: string,
  host: LabHost,
): Promise<void> {
  const command = onlyJoining(await shownCommand(operator, clusterId))
  await host.exec(...pasted(host, command))
  knowPower(host)
  await host.startAgent([...agentOn(host, agent), 'run'])
}

/** PID 1 of a lab host is no systemd; and a host that is off needs its BMC to come on again, so a reboot is the BMC's. */
function knowPower(host: LabHost): void {
  const { address, user, password } = host.bmc
  const bmc = ['ipmitool', '-I', 'lanplus', '-C', '3', '-H', address, '-U', user, '-P', password]
  const power = { off: ['kill', '-TERM', '1'], reboot: [...bmc, 'chassis', 'power', 'reset'] }
  const path = join(host.agentDir, 'agent.json')
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), power }, null, 2))
}

/** One datacenter, one cluster with the lab's hosts in it; resolves with its id once every host has reported. */
export async function joinHosts(operator: Operator, agent: Program, lab: Lab): Promise<string> {
  await operator.api.mutate('datacenter.create', { name: 'Lab' })
  const datacenterId = (await operator.snapshot()).rows.datacenter[0]!.id
  await operator.api.mutate('cluster.create', { datacenterId, name: 'lab' })
  const clusterId = (await operator.snapshot()).rows.cluster[0]!.id
  await Promise.all(lab.hosts.map((host) => joinHost(operator, agent, clusterId, host)))
  await hostsConnected(operator, lab)
  return clusterId
}

/** Waits until every host of the lab has reported what it has. */
export async function hostsConnected(operator: Operator, lab: Lab, timeoutMs = 30_000): Promise<void> {
  await until('every host of the lab has reported', timeoutMs, async () => {
    const { host, datastore } = (await operator.snapshot()).rows
    const connected = host.filter(({ state }) => state === 'connected').length
    return connected >= lab.hosts.length && datastore.length > lab.hosts.length
  })
}
