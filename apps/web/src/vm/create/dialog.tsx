import {
  type Cluster,
  type ClusterId,
  type Datastore,
  type HostId,
  type Image,
  type NetworkId,
  type Placement,
  sayBytes,
  sayRefusal,
} from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { act } from '../../api/act'
import { api, trpc } from '../../api/client'
import { sayError } from '../../api/errors'
import { closeDialog } from '../../console/store'
import { fromGiB, toGiB } from '../../format/quantity'
import { HostChoice } from '../../host/choice'
import { useTables } from '../../replica/hooks'
import { hostsByCluster } from '../../replica/look'
import type { ReplicaTables } from '../../replica/replica'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Check, Field, Input, Select, Textarea } from '../../ui/field'
import { modKey } from '../../ui/kbd'
import { byName } from '../../ui/table/column'
import { memoryProblem, nameProblem, readTags, vcpusProblem } from '../fields'

interface Values {
  name: string
  clusterId: string
  /** `datastore-1 images/debian-12.qcow2` */
  image: string
  vcpus: string
  memory: string
  disk: string
  datastoreId: string
  networkId: string
  notes: string
  tags: string
  powerOn: boolean
}

interface Choice {
  key: string
  image: Image
  datastore: Datastore
}

/** The images that some host of a cluster can reach. */
function imagesOf(tables: ReplicaTables, clusterId: ClusterId): Choice[] {
  const reached = new Set(
    (hostsByCluster(tables).get(clusterId) ?? []).flatMap((host) =>
      host.datastores.map((mount) => mount.datastoreId),
    ),
  )
  return [...tables.datastore.values()]
    .filter((datastore) => reached.has(datastore.id))
    .sort(byName)
    .flatMap((datastore) =>
      datastore.images.map((image) => ({ key: `${datastore.id} ${image.path}`, image, datastore })),
    )
}

/** A new VM from an image: one column, safe defaults, placed where it fits best unless one says otherwise. */
export function CreateVmDialog({ clusterId, hostId }: { clusterId?: ClusterId; hostId?: HostId }) {
  const tables = useTables()
  const clusters = [...tables.cluster.values()].sort(byName)
  const start =
    clusterId ?? clusters.find((each) => hostsByCluster(tables).has(each.id))?.id ?? clusters[0]?.id
  const [busy, setBusy] = useState(false)
  const [host, setHost] = useState<HostId | null>(hostId ?? null)
  const { register, handleSubmit, formState, watch } = useForm<Values>({
    mode: 'onChange',
    defaultValues: {
      name: '',
      clusterId: start ?? '',
      image: start ? (imagesOf(tables, start)[0]?.key ?? '') : '',
      vcpus: '2',
      memory: '2',
      disk: '',
      datastoreId: '',
      networkId: firstNetwork(tables, start),
      notes: '',
      tags: '',
      powerOn: true,
    },
  })
  const { errors } = formState
  const values = watch()
  const cluster = values.clusterId as ClusterId
  const images = imagesOf(tables, cluster)
  const chosen = images.find((each) => each.key === values.image) ?? images[0]
  const memoryBytes = fromGiB(values.memory)
  const askable =
    chosen && vcpusProblem(values.vcpus) === null && memoryProblem(values.memory) === null && cluster
  const image = chosen && { datastoreId: chosen.datastore.id, path: chosen.image.path }
  const placements = useQuery(
    trpc.vm.placements.queryOptions(
      {
        clusterId: cluster,
        vcpus: Number(values.vcpus),
        memoryBytes,
        image: image ?? { datastoreId: 'datastore-0', path: '-' },
        networkId: (values.networkId || null) as NetworkId | null,
      },
      { enabled: Boolean(askable), staleTime: 2_000, placeholderData: (before) => before },
    ),
  )
  const places = (placements.data ?? []) as Placement[]
  const best = places.find((place) => place.verdict.ok)
  const networks = networksOf(tables, cluster)
  const stores = storesOf(tables, cluster)

  async function submit(form: Values) {
    if (!image || busy) return
    setBusy(true)
    const input = {
      clusterId: cluster,
      name: form.name.trim(),
      vcpus: Number(form.vcpus),
      memoryBytes,
      image,
      datastoreId: (form.datastoreId || null) as Datastore['id'] | null,
      diskBytes: form.disk.trim() ? fromGiB(form.disk) : null,
      networkId: (form.networkId || null) as NetworkId | null,
      hostId: host,
      notes: form.notes,
      tags: readTags(form.tags),
      powerOn: form.powerOn,
    }
    const done = await act(`create ${input.name}`, () => api.vm.create.mutate(input))
    setBusy(false)
    if (done) closeDialog()
  }

  const blocked = [
    ...(clusters.length === 0 ? ['There is no cluster yet. Add one first.'] : []),
    ...(clusters.length > 0 && images.length === 0
      ? [
          'No host of this cluster has a datastore with an image. Put one into the folder "images" of a datastore.',
        ]
      : []),
    ...(Object.keys(errors).length > 0 ? ['Mend the fields marked red first.'] : []),
    ...(values.name === '' ? ['Give it a name.'] : []),
    ...(askable && placements.isSuccess && !best
      ? ['No host of this cluster can take it; the reasons are beside each host.']
      : []),
  ]
  return (
    <Dialog
      title="New VM"
      about="Its disk is copied from an image."
      onClose={closeDialog}
      onSubmit={() => void handleSubmit(submit)()}
      wide
      footer={
        <>
          <span className="mr-auto text-sm text-text-3 max-sm:hidden">{modKey('↵')} to create</span>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button look="primary" type="submit" busy={busy} reasons={blocked}>
            Create {values.name.trim()}
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <Field label="Name" error={errors.name?.message}>
          <Input autoFocus {...register('name', { validate: (text) => nameProblem(text.trim()) ?? true })} />
        </Field>
        <Field label="Cluster">
          <Select {...register('clusterId', { onChange: () => setHost(null) })}>
            {clusters.map((each: Cluster) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Image" hint={images.length === 0 ? 'None in reach of this cluster yet.' : undefined}>
          <Select {...register('image')}>
            {images.map(({ key, image: each, datastore }) => (
              <option key={key} value={key}>
                {each.name} on {datastore.name}, {sayBytes(each.sizeBytes)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="vCPUs" error={errors.vcpus?.message}>
          <Input
            inputMode="numeric"
            {...register('vcpus', { validate: (text) => vcpusProblem(text) ?? true })}
          />
        </Field>
        <Field label="Memory" error={errors.memory?.message}>
          <Input
            inputMode="decimal"
            unit="GiB"
            {...register('memory', { validate: (text) => memoryProblem(text) ?? true })}
          />
        </Field>
        <Field
          label="Disk"
          hint={chosen && `Empty: as large as the image, ${sayBytes(chosen.image.sizeBytes)}.`}
          error={errors.disk?.message}
        >
          <Input
            inputMode="decimal"
            unit="GiB"
            {...register('disk', { validate: (text) => diskProblem(text, chosen?.image) ?? true })}
          />
        </Field>
        <Field label="Datastore">
          <Select {...register('datastoreId')}>
            <option value="">that of the image{chosen ? ` (${chosen.datastore.name})` : ''}</option>
            {stores.map((store) => (
              <option key={store.id} value={store.id}>
                {store.name}, {sayBytes(store.freeBytes)} free
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Network">
          <Select {...register('networkId')}>
            <option value="">none</option>
            {networks.map((network) => (
              <option key={network.id} value={network.id}>
                {network.name}
              </option>
            ))}
          </Select>
        </Field>
        <div className="grid gap-1">
          <span className="flex items-center justify-between font-medium text-text-2">
            Host
            {host && (
              <button type="button" className="link font-normal" onClick={() => setHost(null)}>
                Where it fits best
              </button>
            )}
          </span>
          <p className="text-sm text-text-3">
            {host
              ? 'Placed by hand.'
              : best
                ? `Where it fits best: ${best.host.name}. Choose one to place it by hand.`
                : ''}
          </p>
          {placements.isError && askable && <p className="text-error">{sayError(placements.error)}</p>}
          <HostChoice
            label="Host"
            options={places.map((place) => ({
              ...place,
              reasons: place.verdict.ok ? [] : place.verdict.refusals.map(sayRefusal),
              note: place === best && !host ? 'best fit' : null,
            }))}
            chosen={host}
            onChoose={setHost}
          />
        </div>
        <Field label="Tags" hint="Separated by commas.">
          <Input {...register('tags')} />
        </Field>
        <Field label="Notes">
          <Textarea {...register('notes', { maxLength: 10_000 })} />
        </Field>
        <Check label="Power it on when it is ready" {...register('powerOn')} />
      </div>
    </Dialog>
  )
}

function diskProblem(text: string, image: Image | undefined): string | null {
  if (text.trim() === '') return null
  const bytes = fromGiB(text)
  if (Number.isNaN(bytes)) return 'A number of GiB, or nothing.'
  return image && bytes < image.sizeBytes
    ? `At least the size of the image, ${toGiB(image.sizeBytes)} GiB.`
    : null
}

function networksOf(tables: ReplicaTables, clusterId: ClusterId) {
  const reached = new Set((hostsByCluster(tables).get(clusterId) ?? []).flatMap((host) => host.networks))
  return [...tables.network.values()].filter((network) => reached.has(network.id)).sort(byName)
}

function firstNetwork(tables: ReplicaTables, clusterId: ClusterId | undefined): string {
  return clusterId ? (networksOf(tables, clusterId)[0]?.id ?? '') : ''
}

function storesOf(tables: ReplicaTables, clusterId: ClusterId) {
  const reached = new Set(
    (hostsByCluster(tables).get(clusterId) ?? []).flatMap((host) =>
      host.datastores.map((m) => m.datastoreId),
    ),
  )
  return [...tables.datastore.values()].filter((store) => reached.has(store.id)).sort(byName)
}
