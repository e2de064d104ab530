import { join } from 'node:path'
import { enrol } from '@drover/agent'
import type { HostDescription } from '@drover/hypervisor/simulated'
import { systemClock } from '../clock'
import { type Config, configSchema, readConfig, writeConfig } from '../config'
import { openKeys } from '../keys'
import { socketDial } from '../line/socket'
import { makeLogger } from '../log'
import { untilAsked } from '../stop'
import { SimulatedMachine } from './machine'
import { answerPower, powerSocket } from './power'
import { readTokens } from './tokens'
import { openWorld, saveWorld, type WorldOptions } from './world'

const saveMs = 10_000
/** Enrolling hosts and starting agents, so many at a time. */
const atOnce = 8

export interface SimulateOptions extends WorldOptions {
  directory: string
  servers: string[]
  pin: string | null
  /** File with join tokens, `-` for standard input; needed by hosts that have not joined. */
  tokensPath: string | null
}

/**
 * A simulated data centre with the real agent on every host, all in this process and on the wall clock. Goes on at the
 * next start where it was left.
 */
export async function simulate(options: SimulateOptions): Promise<void> {
  const { directory } = options
  const logger = makeLogger()
  const stop = untilAsked()
  const datacenter = await openWorld(directory, options)
  const tokens = options.tokensPath ? await readTokens(options.tokensPath) : new Map<string, string[]>()
  await saveWorld(directory, datacenter)
  const hosts = [...datacenter.hosts.values()].map((host) => host.is)
  const machines = new Map<string, SimulatedMachine>()
  const started = forEach(hosts, async (host) => {
    const config = await identity(options, host, tokens)
    const home = join(directory, 'hosts', host.name)
    const machine = new SimulatedMachine({ datacenter, home, config, logger })
    machines.set(host.name, machine)
    await machine.startAgent()
  })
  const power = await answerPower(join(directory, powerSocket), machines)
  await Promise.race([started, stop])
  logger.info({ hosts: machines.size }, 'the simulated data centre runs')
  let saving = Promise.resolve()
  const timer = setInterval(() => {
    saving = saveWorld(directory, datacenter).catch((error) => logger.error(error, 'cannot be saved'))
  }, saveMs)
  await stop
  clearInterval(timer)
  await saving
  power.close()
  await Promise.all([...machines.values()].map((machine) => machine.stopAgent()))
  await saveWorld(directory, datacenter)
}

/** Who this host is to control; it joins when it has not yet. */
async function identity(
  { directory, servers, pin }: SimulateOptions,
  host: HostDescription,
  tokens: Map<string, string[]>,
): Promise<Config> {
  const home = join(directory, 'hosts', host.name)
  const known = await readConfig(home)
  if (known) return { ...known, servers, pin }
  const token = tokens.get(host.cluster)?.shift()
  if (!token) throw new Error(`${host.name} has not joined, and there is no token left for ${host.cluster}.`)
  const { name, address } = host
  const ports = { dial: socketDial({ servers, pin }), clock: systemClock, keys: await openKeys(home) }
  const hostId = await enrol(ports, { token, name, address })
  const config = configSchema.parse({ hostId, name, address, servers, pin })
  await writeConfig(home, config)
  return config
}

async function forEach<T>(items: T[], act: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const worker = async () => {
    for (let item = left.shift(); item; item = left.shift()) await act(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
