import type { Cluster, ClusterId, MigrationLimits } from '@drover/model'
import { useState } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { closeDialog } from '../console/store'
import { useRow } from '../replica/hooks'
import { Button } from '../ui/button'
import { Dialog } from '../ui/dialog'
import { Field, Input } from '../ui/field'

const limits: { key: keyof MigrationLimits; label: string }[] = [
  { key: 'perHost', label: 'Migrations at once, per host' },
  { key: 'perNetwork', label: 'Migrations at once, per network' },
  { key: 'perDatastore', label: 'Migrations at once, per datastore' },
]

/** Name and limits of a cluster. */
export function EditCluster({ id }: { id: ClusterId }) {
  const cluster: Cluster | undefined = useRow('cluster', id)
  return cluster ? <Form cluster={cluster} /> : null
}

function Form({ cluster }: { cluster: Cluster }) {
  const [name, setName] = useState(cluster.name)
  const [texts, setTexts] = useState<Record<string, string>>(
    Object.fromEntries(limits.map(({ key }) => [key, String(cluster.migrationLimits[key])])),
  )
  const [busy, setBusy] = useState(false)
  const wrong = (text: string) => !/^\d+$/.test(text) || Number(text) < 1 || Number(text) > 100
  const reasons = [
    ...(name.trim() === '' ? ['Give it a name.'] : []),
    ...(limits.some(({ key }) => wrong(texts[key]!)) ? ['Limits are whole numbers from 1 to 100.'] : []),
  ]
  async function submit() {
    if (busy || reasons.length > 0) return
    setBusy(true)
    const migrationLimits = Object.fromEntries(limits.map(({ key }) => [key, Number(texts[key])]))
    const done = await act(`change ${cluster.name}`, () =>
      api.cluster.change.mutate({
        clusterId: cluster.id,
        ...(name.trim() === cluster.name ? {} : { name: name.trim() }),
        migrationLimits,
      }),
    )
    setBusy(false)
    if (done) closeDialog()
  }
  return (
    <Dialog
      title={`Name and limits of ${cluster.name}`}
      about="Migrations beyond these limits wait in a queue and say what for."
      onClose={closeDialog}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button look="primary" type="submit" busy={busy} reasons={reasons}>
            Save
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <Field label="Name">
          <Input value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        {limits.map(({ key, label }) => (
          <Field key={key} label={label} error={wrong(texts[key]!) ? 'A whole number from 1 to 100.' : null}>
            <Input
              inputMode="numeric"
              value={texts[key]}
              onChange={(event) => setTexts({ ...texts, [key]: event.target.value })}
            />
          </Field>
        ))}
      </div>
    </Dialog>
  )
}
