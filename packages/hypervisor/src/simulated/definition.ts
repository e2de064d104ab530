import { createHash } from 'node:crypto'
import type { Definition, VmSpec } from '@drover/protocol'
import { HypervisorError } from '../port'

/** A simulated VM's definition is the spec it was made from, as JSON. */
export function writeDefinition(spec: VmSpec): Definition {
  const text = JSON.stringify(
    {
      uuid: spec.uuid,
      name: spec.name,
      vcpus: spec.vcpus,
      memoryBytes: spec.memoryBytes,
      disks: spec.disks.map(({ path, format }) => ({ path, format })),
      nics: spec.nics.map(({ network, mac }) => ({ network, mac })),
      bound: spec.bound,
    },
    null,
    2,
  )
  return { format: 'simulated', text, sha256: sha256(text) }
}

/** Throws `failed` when the text is not a definition of a simulated VM. */
export function readDefinition(definition: Definition, diskPaths: string[] | null): VmSpec {
  if (definition.format !== 'simulated') {
    throw new HypervisorError('unsupported', `A simulated host cannot run a ${definition.format} definition.`)
  }
  let spec: VmSpec
  try {
    spec = JSON.parse(definition.text) as VmSpec
  } catch {
    throw new HypervisorError('failed', 'The definition is not readable as JSON.')
  }
  const disks = spec.disks.map((disk, index) => ({ ...disk, path: diskPaths?.[index] ?? disk.path }))
  return { ...spec, disks }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
