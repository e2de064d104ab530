import { signal } from './processes'
import { run } from './run'
import type { Cable } from './types'

/**
 * Two switches, each alone in a network namespace, so that neither knows a way to the other or to the machine; but the
 * management switch has one cable to the machine's own network, where control listens.
 */
export interface LabNetwork {
  managementNamespace: string
  vmNamespace: string
  /** The machine's own card in the management network. */
  rootCard: string
  /** `10.78.1`: the first three numbers of management addresses. */
  managementPrefix: string
}

export function labNetwork(index: number, name: string): LabNetwork {
  return {
    managementNamespace: `drover-lab-${name}-mgmt`,
    vmNamespace: `drover-lab-${name}-vm`,
    rootCard: `drover-lab${index}`,
    managementPrefix: `10.78.${1 + 10 * index}`,
  }
}

/** Where the switch of the VM network itself can be asked from; guests are anywhere in 10.78.0.0/16. */
const proberAddress = '10.78.2.1/16'

const ip = (...args: string[]) => run('ip', args, { timeoutMs: 10_000 })

export async function layNetwork(network: LabNetwork): Promise<void> {
  const { managementNamespace, vmNamespace, rootCard, managementPrefix } = network
  for (const namespace of [managementNamespace, vmNamespace]) {
    await ip('netns', 'add', namespace)
    await ip('-n', namespace, 'link', 'set', 'lo', 'up')
    // Of its own: a bridge without takes the lowest of its ports', so that it becomes another when a host loses its power,
    // and the BMCs behind it cannot be reached for half a minute, just then.
    const address = ['address', namespace === vmNamespace ? '02:78:0f:00:00:02' : '02:78:0f:00:00:01']
    await ip('-n', namespace, 'link', 'add', 'switch', ...address, 'type', 'bridge', 'forward_delay', '0')
    await ip('-n', namespace, 'link', 'set', 'switch', 'up')
  }
  await ip('-n', vmNamespace, 'address', 'add', proberAddress, 'dev', 'switch')
  await ip('link', 'add', rootCard, 'type', 'veth', 'peer', 'name', 'root', 'netns', managementNamespace)
  await ip('-n', managementNamespace, 'link', 'set', 'root', 'master', 'switch', 'up')
  await ip('address', 'add', `${managementPrefix}.1/24`, 'dev', rootCard)
  await ip('link', 'set', rootCard, 'up')
}

/** Ends what still runs in the lab's namespaces and removes them, cables included. Fine when nothing is there. */
export async function removeNetwork(network: LabNetwork): Promise<void> {
  const namespaces = [network.managementNamespace, network.vmNamespace]
  const existing = (await ip('netns', 'list')).split('\n').map((line) => line.split(' ')[0])
  for (const namespace of namespaces.filter((name) => existing.includes(name))) {
    const pids = await ip('netns', 'pids', namespace)
    for (const pid of pids.split('\n').filter(Boolean)) signal(Number(pid), 'SIGKILL')
    await ip('netns', 'delete', namespace)
  }
  await ip('link', 'delete', network.rootCard).catch(() => {})
}

const cards: { cable: Cable; card: string; mac: string }[] = [
  { cable: 'management', card: 'mgmt0', mac: '02:78:01' },
  { cable: 'vm', card: 'vm0', mac: '02:78:02' },
]

const namespaceOf = (network: LabNetwork, cable: Cable) =>
  cable === 'management' ? network.managementNamespace : network.vmNamespace

/**
 * Plugs a host that has just come up into both switches. Its MAC addresses never change: else the others would look
 * for it at the old one for a while after a power cycle.
 */
export async function wireHost(network: LabNetwork, hostNumber: number, pid: number): Promise<void> {
  for (const { cable, card, mac } of cards) {
    const namespace = namespaceOf(network, cable)
    const port = `host${hostNumber}`
    const address = `${mac}:00:00:${hostNumber.toString(16).padStart(2, '0')}`
    // The old port goes with its host, but the kernel takes its time.
    await ip('-n', namespace, 'link', 'delete', port).catch(() => {})
    const peer = ['peer', 'name', card, 'address', address, 'netns', String(pid)]
    await ip('-n', namespace, 'link', 'add', port, 'type', 'veth', ...peer)
    await ip('-n', namespace, 'link', 'set', port, 'master', 'switch', 'up')
  }
}

/** Pulls or plugs one cable, on the switch's side. */
export async function setCable(
  network: LabNetwork,
  hostNumber: number,
  cable: Cable,
  plugged: boolean,
): Promise<void> {
  await ip('-n', namespaceOf(network, cable), 'link', 'set', `host${hostNumber}`, plugged ? 'up' : 'down')
}
