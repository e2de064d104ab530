import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeWhole } from './files'
import { probePort } from './machine/probe'

const command = z.array(z.string().min(1)).min(1)
const absolute = z.string().regex(/^\//, 'must be an absolute path')

/** What `join` writes down and `run` lives by: `agent.json` in the agent's directory. May be edited by hand. */
export const configSchema = z.object({
  hostId: z.string().regex(/^host-\d+$/),
  name: z.string(),
  /** Where other hosts reach this one, for migrations. */
  address: z.string(),
  /** Control daemons, tried in turn. */
  servers: z.array(z.url()).min(1),
  /** `sha256:` and the fingerprint of control's certificate; null: one that the system's authorities vouch for. */
  pin: z.string().nullable(),
  /** Where disks may live. Each gets a marker file, so that hosts which share it recognise it. */
  datastores: z
    .array(
      z.object({
        name: z.string(),
        path: absolute,
        /** What was found there first. If something else is there later, the storage is not mounted. */
        uuid: z.uuid().nullable().default(null),
      }),
    )
    .default([]),
  /** Memory that VMs do not get. */
  reservedMemoryBytes: z.number().int().nonnegative().nullable().default(null),
  /** Stops all VMs when neither control nor shared storage has been there for the time that the cluster says. */
  selfFence: z.boolean().default(true),
  /** Feeds /dev/watchdog, which resets the host when the agent cannot do its duty. */
  watchdog: z.boolean().default(false),
  /** Where it answers the agents of other hosts that want to know whether this one is there. */
  probePort: z.number().int().min(1).max(65_535).default(probePort),
  /** What switches the host off and what reboots it: program and arguments. */
  power: z
    .object({
      off: command.default(['systemctl', 'poweroff']),
      reboot: command.default(['systemctl', 'reboot']),
    })
    .default({ off: ['systemctl', 'poweroff'], reboot: ['systemctl', 'reboot'] }),
  libvirt: z
    .object({
      socketPath: absolute.default('/run/libvirt/libvirt-sock'),
      /** How this host's libvirt reaches that of others. */
      migration: z.enum(['tcp', 'tls', 'ssh']).default('tls'),
      /** Bridges and libvirt networks that VMs may use; null: all that are there. */
      networks: z.array(z.string()).nullable().default(null),
    })
    .default({ socketPath: '/run/libvirt/libvirt-sock', migration: 'tls', networks: null }),
})
export type Config = z.infer<typeof configSchema>
/** As it may be written by hand: what is left out has its default. */
export type ConfigInput = z.input<typeof configSchema>

export const defaultDirectory = '/var/lib/drover-agent'

/** Null when this host has not joined; throws with the field that is wrong. */
export async function readConfig(directory: string): Promise<Config | null> {
  const path = join(directory, 'agent.json')
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return null
  })
  if (text === null) return null
  const parsed = configSchema.safeParse(JSON.parse(text))
  if (!parsed.success) throw new Error(`${path} is wrong:\n${z.prettifyError(parsed.error)}`)
  return parsed.data
}

export async function writeConfig(directory: string, config: Config): Promise<void> {
  await writeWhole(join(directory, 'agent.json'), `${JSON.stringify(config, null, 2)}\n`)
}
