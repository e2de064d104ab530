import { join } from 'node:path'
import { Agent, FileJournal } from '@drover/agent'
import { LibvirtHypervisor, readBootId } from '@drover/hypervisor/libvirt'
import { systemClock } from './clock'
import { readConfig } from './config'
import { openKeys } from './keys'
import { socketDial } from './line/socket'
import { logOf, makeLogger } from './log'
import { untilAsked } from './stop'
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
    reservedMemoryBytes: config.reservedMemoryBytes,
    clock: systemClock,
    log,
  })
  const agent = new Agent(
    {
      hypervisor,
      dial,
      clock: systemClock,
      journal: await FileJournal.open(join(directory, 'journal')),
      keys: await openKeys(directory),
      log,
      random: Math.random,
    },
    { hostId: config.hostId, address: config.address, version, bootId: await readBootId(), selfFence: null },
  )
  await agent.start()
  log.info(`agent of ${config.name} runs`, { version, servers: config.servers })
  const signal = await untilAsked()
  log.info(`stops: ${signal}`)
  await agent.stop()
}
