import { until } from '../run'
import type { Lab, LabHost } from '../types'
import type { Operator } from './operator'
import type { Program } from './programs'

/** The command that the dashboard shows for a cluster, as words without the program's name. */
export async function shownCommand(operator: Operator, clusterId: string): Promise<string[]> {
  const { command } = await operator.api.mutate<{ command: string }>('host.createJoinToken', { clusterId })
  return command.split(' ').slice(1)
}

/** What a lab host adds to that command: its name, its networks, its storage. */
export function ownOptions(host: LabHost): string[] {
  const storage = ['--datastore', 'shared=/srv/shared', '--datastore', `local-${host.number}=/srv/local`]
  const own = ['--name', host.name, '--address', host.address, '--migration', 'tcp', '--network', 'br0']
  return [...own, ...storage, '--reserve-memory', '0']
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
  const [node, ...program] = agentOn(host, agent)
  const shown = await shownCommand(operator, clusterId)
  await host.exec(node!, [...program, ...shown, ...ownOptions(host)])
  await host.startAgent([node!, ...program, 'run'])
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
