import { z } from 'zod'
import { clusterId, datastoreId, hostId, networkId } from './id'
import { bandwidthBytesPerSecond, deadlineMs, diskBytes, downtimeMs, memoryBytes, vcpus } from './quantity'
import { notes, tags, vmName } from './text'

export const image = z.object(
  {
    datastoreId,
    path: z
      .string('must be text.')
      .min(1, 'is empty. Choose an image.')
      .max(4_096, 'is too long. Choose an image of the datastore.')
      .refine(
        (path) => !path.startsWith('/') && !path.split('/').includes('..'),
        'must lie within the datastore. Choose an image of the datastore.',
      ),
  },
  'is missing. Choose an image of a datastore.',
)

/** `CreateVmInput` of the model. */
export const createVmInput = z.object({
  clusterId,
  name: vmName,
  vcpus,
  memoryBytes,
  image,
  datastoreId: datastoreId.nullable().default(null),
  diskBytes: diskBytes.nullable().default(null),
  networkId: networkId.nullable().default(null),
  hostId: hostId.nullable().default(null),
  notes: notes.default(''),
  tags: tags.default([]),
  powerOn: z.boolean('must be true or false.').default(true),
})

/** `VmChanges` of the model: what is left out stays. */
export const vmChanges = z
  .object({
    name: vmName.optional(),
    vcpus: vcpus.optional(),
    memoryBytes: memoryBytes.optional(),
    notes: notes.optional(),
    tags: tags.optional(),
  })
  .refine(
    (changes) => Object.values(changes).some((value) => value !== undefined),
    'name nothing. Say what to change: name, vcpus, memoryBytes, notes or tags.',
  )

export const migrationMethod = z.enum(
  ['live', 'live-with-disks', 'cold'],
  'must be live, live-with-disks or cold. Leave it out for the best that is possible.',
)

/** `MigrationOptions` of the model; what is left out keeps its default. */
export const migrationOptions = z
  .object({
    bandwidthBytesPerSecond: bandwidthBytesPerSecond.nullable(),
    downtimeMs: downtimeMs.nullable(),
    autoConverge: z.boolean('must be true or false.'),
    postCopy: z.boolean('must be true or false.'),
    deadlineMs: deadlineMs.nullable(),
  })
  .partial()
