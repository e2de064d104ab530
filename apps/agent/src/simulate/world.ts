import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type DatacenterDescription,
  demoDescription,
  restore,
  type SavedDatacenter,
  SimulatedDatacenter,
  save,
} from '@drover/hypervisor/simulated'
import { systemClock } from '../clock'
import { writeWhole } from '../files'

export interface WorldOptions {
  seed: number
  hosts: number | null
  vms: number | null
  /** A description as JSON; null: made up from the numbers. */
  descriptionPath: string | null
}

/** What the data centre looks like at its first start. */
export async function describeWorld(options: WorldOptions): Promise<DatacenterDescription> {
  if (options.descriptionPath) {
    return JSON.parse(await readFile(options.descriptionPath, 'utf8')) as DatacenterDescription
  }
  const { seed, hosts, vms } = options
  if (hosts === null) return demoDescription({ seed })
  const production = Math.ceil((hosts * 2) / 3)
  const count = vms ?? hosts * 12
  const first = Math.round((count * production) / hosts)
  return demoDescription({
    seed,
    clusters: [
      { name: 'Production', hosts: production, vms: first, prefix: 'prod' },
      { name: 'Development', hosts: hosts - production, vms: count - first, prefix: 'dev' },
    ].filter((cluster) => cluster.hosts > 0),
  })
}

/** The data centre as it was left, or a new one. */
export async function openWorld(directory: string, options: WorldOptions): Promise<SimulatedDatacenter> {
  const text = await readFile(pathOf(directory), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return null
  })
  if (text !== null) return restore(JSON.parse(text) as SavedDatacenter, systemClock)
  return SimulatedDatacenter.from(await describeWorld(options), systemClock)
}

export async function saveWorld(directory: string, datacenter: SimulatedDatacenter): Promise<void> {
  await writeWhole(pathOf(directory), JSON.stringify(save(datacenter)))
}

function pathOf(directory: string): string {
  return join(directory, 'datacenter.json')
}
