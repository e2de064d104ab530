import { hostname, networkInterfaces } from 'node:os'
import { enrol } from '@drover/agent'
import { systemClock } from './clock'
import { type Config, readConfig, writeConfig } from './config'
import { openKeys } from './keys'
import { socketDial } from './line/socket'

export interface JoinOptions {
  directory: string
  servers: string[]
  token: string
  pin: string | null
  name: string | null
  address: string | null
  config: Pick<Config, 'datastores' | 'libvirt' | 'reservedMemoryBytes'>
}

/** Enrols this host and writes down who it is. Throws with control's reason when it refuses. */
export async function join(options: JoinOptions): Promise<Config> {
  const { directory, servers, pin } = options
  const joined = await readConfig(directory)
  if (joined) {
    throw new Error(
      `This host has joined already, as ${joined.name}. Remove ${directory} to let it join anew.`,
    )
  }
  const name = options.name ?? hostname()
  const address = options.address ?? ownAddress() ?? hostname()
  const dial = socketDial({ servers, pin })
  const keys = await openKeys(directory)
  const hostId = await enrol({ dial, clock: systemClock, keys }, { token: options.token, name, address })
  const config: Config = { hostId, name, address, servers, pin, ...options.config }
  await writeConfig(directory, config)
  return config
}

/** The first address that others could reach. */
function ownAddress(): string | null {
  for (const addresses of Object.values(networkInterfaces())) {
    const found = addresses?.find((a) => a.family === 'IPv4' && !a.internal)
    if (found) return found.address
  }
  return null
}
