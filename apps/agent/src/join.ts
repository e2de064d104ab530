import { hostname, networkInterfaces } from 'node:os'
import { enrol } from '@drover/agent'
import { systemClock } from './clock'
import { type Config, type ConfigInput, configSchema, readConfig, writeConfig } from './config'
import { openKeys } from './keys'
import { socketDial } from './line/socket'

export interface JoinOptions {
  directory: string
  servers: string[]
  token: string
  pin: string | null
  name: string
  address: string | null
  config: Pick<Config, 'libvirt' | 'reservedMemoryBytes'> & {
    datastores: NonNullable<ConfigInput['datastores']>
    watchdog?: boolean
  }
}

export interface Joined {
  config: Config
  /** It had joined this Drover before; the token was not used, and its configuration is as it was. */
  before: boolean
}

/**
 * Enrols this host and writes down who it is. Throws with control's reason when it refuses, and when the host belongs
 * to another Drover.
 */
export async function join(options: JoinOptions): Promise<Joined> {
  const { directory, servers, pin, name } = options
  const joined = await readConfig(directory)
  if (joined) {
    if (isSame(joined, options)) return { config: joined, before: true }
    throw new Error(
      `This host has joined another Drover, at ${joined.servers.join(', ')}, as ${joined.name}. Remove it there, then remove ${directory}, and join again.`,
    )
  }
  const address = options.address ?? ownAddress() ?? hostname()
  const dial = socketDial({ servers, pin })
  const keys = await openKeys(directory)
  const hostId = await enrol({ dial, clock: systemClock, keys }, { token: options.token, name, address })
  const config = configSchema.parse({ hostId, name, address, servers, pin, ...options.config })
  await writeConfig(directory, config)
  return { config, before: false }
}

/** Whether it is the same control: its certificate is, or one of its addresses. */
function isSame(joined: Config, asked: Pick<JoinOptions, 'servers' | 'pin'>): boolean {
  if (joined.pin !== null && asked.pin !== null) return joined.pin === asked.pin
  return joined.servers.some((server) => asked.servers.includes(server))
}

/** The first address that others could reach. */
function ownAddress(): string | null {
  for (const addresses of Object.values(networkInterfaces())) {
    const found = addresses?.find((a) => a.family === 'IPv4' && !a.internal)
    if (found) return found.address
  }
  return null
}
