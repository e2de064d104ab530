import { join } from 'node:path'
import { Agent, FileJournal } from '@drover/agent'
import { fenceAgents } from '@drover/fencing/agents'
import { LibvirtHypervisor, readBootId } from '@drover/hypervisor/libvirt'
import { systemClock } from './clock'
import { type Config, readConfig, writeConfig } from './config'
import { openKeys } from './keys'
import { socketDial } from './line/socket'
import { logOf, makeLogger } from './log'
import { thisMachine } from './machine/machine'
import { answerProbes } from './machine/probe'
import { untilAsked } from './stop'
import { FileBeats } from './storage/beats'
import { version } from './version'

/** This host's agent, until it is asked to stop. What its VMs do goes on without it. */
export async function run(directory: string): Promise<void> {
  const config = await readConfig(directory)
  if (!config) throw new Error('This host has not joined yet. Run the join command that the dashboard shows.')
  const logger = makeLogger()
  const log = logOf(logger)
  const dial = socketDial(config)
  const hypervisor = new LibvirtHypervisor({
    ...config.libvirt,
    datastores: config.datastores,
    onFound: (path, uuid) => keepUuid(directory, path, uuid).catch((e) => log.warn(String(e))),
    reservedMemoryBytes: config.reservedMemoryBytes,
    clock: systemClock,
    log,
  })
  const machine = thisMachine(config, log)
  const probes = await answerProbes(config.hostId, config.probePort).catch((error: Error) => {
    log.error(`other hosts cannot ask whether this one is there: ${error.message}`)
    return null
  })
  const agent = new Agent(
    {
      hypervisor,
      beats: new FileBeats(),
      machine,
      fencing: fenceAgents({ log }),
      dial,
      clock: systemClock,
      journal: await FileJournal.open(join(directory, 'journal')),
      keys: await openKeys(directory),
      log,
      random: Math.random,
    },
    {
      hostId: config.hostId,
      address: config.address,
      version,
      bootId: await readBootId(),
      selfFence: config.selfFence ? { watchdog: machine.watchdog !== null } : null,
    },
  )
  await agent.start()
  log.info(`agent of ${config.name} runs`, { version, servers: config.servers })
  const signal = await untilAsked()
  log.info(`stops: ${signal}`)
  await agent.leave(signal)
  probes?.close()
}

let keeping: Promise<void> = Promise.resolve()

/** From now on, only this storage is taken for the datastore at that path, also by later lives of the agent. */
function keepUuid(directory: string, path: string, uuid: string): Promise<void> {
  const keep = async () => {
    const config = (await readConfig(directory)) as Config
    const datastores = config.datastores.map((one) => (one.path === path ? { ...one, uuid } : one))
    await writeConfig(directory, { ...config, datastores })
  }
  keeping = keeping.then(keep, keep)
  return keeping
}
