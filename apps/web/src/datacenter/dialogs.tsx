import type { ClusterId, DatacenterId } from '@drover/model'
import { useState } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { closeDialog } from '../console/store'
import { useRow, useTables } from '../replica/hooks'
import { Button } from '../ui/button'
import { Confirm } from '../ui/confirm'
import { Dialog } from '../ui/dialog'
import { Field, Input, Select } from '../ui/field'
import { byName } from '../ui/table/column'

/** Asks for one name. */
function NameDialog({
  title,
  about,
  label,
  start = '',
  extra,
  run,
}: {
  title: string
  about?: string
  label: string
  start?: string
  extra?: React.ReactNode
  run: (name: string) => Promise<boolean>
}) {
  const [name, setName] = useState(start)
  const [busy, setBusy] = useState(false)
  const trimmed = name.trim()
  const reasons =
    trimmed === '' ? ['Give it a name.'] : trimmed.length > 100 ? ['At most 100 characters.'] : []
  async function submit() {
    if (busy || reasons.length > 0) return
    setBusy(true)
    const done = await run(trimmed)
    setBusy(false)
    if (done) closeDialog()
  }
  return (
    <Dialog
      title={title}
      about={about}
      onClose={closeDialog}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button look="primary" type="submit" busy={busy} reasons={reasons}>
            {label}
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <Field label="Name">
          <Input autoFocus value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        {extra}
      </div>
    </Dialog>
  )
}

export function AddDatacenter() {
  return (
    <NameDialog
      title="Add a datacenter"
      about="A place: what stands in it shares storage and networks."
      label="Add datacenter"
      run={(name) => act(`add the datacenter ${name}`, () => api.datacenter.create.mutate({ name }))}
    />
  )
}

export function RenameDatacenter({ id }: { id: DatacenterId }) {
  const datacenter = useRow('datacenter', id)
  if (!datacenter) return null
  return (
    <NameDialog
      title={`Rename ${datacenter.name}`}
      label="Rename"
      start={datacenter.name}
      run={(name) =>
        act(`rename ${datacenter.name}`, () => api.datacenter.rename.mutate({ datacenterId: id, name }))
      }
    />
  )
}

export function DeleteDatacenter({ id }: { id: DatacenterId }) {
  const datacenter = useRow('datacenter', id)
  if (!datacenter) return null
  return (
    <Confirm
      danger
      title={`Delete ${datacenter.name}`}
      about="It holds no cluster, so nothing stops. Its history is kept."
      label={`Delete ${datacenter.name}`}
      run={() => act(`delete ${datacenter.name}`, () => api.datacenter.delete.mutate({ datacenterId: id }))}
      onClose={closeDialog}
    />
  )
}

export function AddCluster({ datacenterId }: { datacenterId?: DatacenterId }) {
  const datacenters = [...useTables().datacenter.values()].sort(byName)
  const [chosen, setChosen] = useState<DatacenterId | undefined>(datacenterId ?? datacenters[0]?.id)
  return (
    <NameDialog
      title="Add a cluster"
      about="A set of hosts that VMs move between."
      label="Add cluster"
      extra={
        datacenters.length > 1 && (
          <Field label="Datacenter">
            <Select value={chosen} onChange={(event) => setChosen(event.target.value as DatacenterId)}>
              {datacenters.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.name}
                </option>
              ))}
            </Select>
          </Field>
        )
      }
      run={async (name) =>
        chosen !== undefined &&
        act(`add the cluster ${name}`, () => api.cluster.create.mutate({ datacenterId: chosen, name }))
      }
    />
  )
}

export function DeleteCluster({ id }: { id: ClusterId }) {
  const cluster = useRow('cluster', id)
  if (!cluster) return null
  return (
    <Confirm
      danger
      title={`Delete ${cluster.name}`}
      about="It holds no host, so nothing stops. Its history is kept."
      label={`Delete ${cluster.name}`}
      run={() => act(`delete ${cluster.name}`, () => api.cluster.delete.mutate({ clusterId: id }))}
      onClose={closeDialog}
    />
  )
}
