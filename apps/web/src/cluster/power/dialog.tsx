import {
  type Cluster,
  type ClusterId,
  defaultPowerSettings,
  type HostId,
  type PowerSettings,
} from '@drover/model'
import { useState } from 'react'
import { act } from '../../api/act'
import { api } from '../../api/client'
import { DraftDialog } from '../../draft/dialog'
import { DraftPanel } from '../../draft/panel'
import { useRow, useTables } from '../../replica/hooks'
import { hostsByCluster } from '../../replica/look'
import { Picker } from '../../rule/picker'
import { Choices } from '../../ui/choices'
import { Check } from '../../ui/field'
import { NumberField } from '../../ui/number-field'
import { WindowsField, windowsProblem } from '../rules/windows'
import { sayPowerNow } from '../rules/words'
import { changesOf, conflictOf, modeWords, powerSections, settingsOf, textOf } from './form'

/** How a cluster saves power: who may sleep and when, what stays on whatever the load, with what that would do now. */
export function PowerRulesDialog({ clusterId }: { clusterId: ClusterId }) {
  const cluster: Cluster | undefined = useRow('cluster', clusterId)
  return cluster ? <Form cluster={cluster} /> : null
}

function Form({ cluster }: { cluster: Cluster }) {
  const tables = useTables()
  const before = cluster.power ?? defaultPowerSettings
  const [base, setBase] = useState<PowerSettings>(before)
  const [typed, setTyped] = useState<Record<string, string>>({})
  const set = (part: Partial<PowerSettings>) => setBase({ ...base, ...part })
  const hosts = hostsByCluster(tables).get(cluster.id) ?? []
  const next = windowsProblem(base.windows) ? null : settingsOf(base, typed)
  const conflict = next && conflictOf(next)
  const changes = next ? changesOf(before, next) : {}
  const reasons = [
    ...(next ? [] : ['Mend the fields marked red first.']),
    ...(conflict ? [conflict] : []),
    ...(next && Object.keys(changes).length === 0 ? ['Nothing is changed.'] : []),
  ]

  return (
    <DraftDialog
      title={`Power saving of ${cluster.name}`}
      sentence={next && sayPowerNow(tables, next)}
      label="Save power saving"
      reasons={reasons}
      save={(why) =>
        act(`change the power saving of ${cluster.name}`, () =>
          api.cluster.changePower.mutate({ clusterId: cluster.id, changes, version: base.version, ...why }),
        )
      }
      draft={
        <DraftPanel
          cluster={cluster}
          rules={next && !conflict ? { power: next } : null}
          name="power saving, changed"
          about={(by) => by === 'power'}
        />
      }
    >
      {conflict && (
        <p role="alert" className="text-error">
          {conflict}
        </p>
      )}
      <Choices
        label="Automation"
        options={modeWords}
        chosen={base.mode}
        onChoose={(mode) => set({ mode })}
        columns={3}
      />
      <section className="grid gap-2">
        <Check
          label="Every host may sleep whose wake-up was proven"
          hint="A host that was never seen to come up never sleeps."
          checked={base.hostIds === null}
          onChange={(event) => set({ hostIds: event.target.checked ? null : hosts.map(({ id }) => id) })}
        />
        {base.hostIds !== null && (
          <Picker
            label="Hosts that may sleep"
            options={hosts}
            chosen={base.hostIds}
            onChange={(ids) => set({ hostIds: ids as HostId[] })}
          />
        )}
      </section>
      <WindowsField
        label="When hosts may sleep"
        hint={base.windows.length === 0 ? 'Always.' : 'Outside of them all are awake.'}
        windows={base.windows}
        onChange={(windows) => set({ windows })}
      />
      {powerSections.map(({ title, fields }) => (
        <fieldset key={title} className="grid gap-3 sm:grid-cols-2">
          <legend className="mb-2 font-medium">{title}</legend>
          {fields.map((field) => (
            <NumberField
              key={field.id}
              label={field.label}
              spec={field.spec}
              hint={field.hint}
              text={typed[field.id] ?? textOf(field, base)}
              onText={(text) => setTyped({ ...typed, [field.id]: text })}
            />
          ))}
        </fieldset>
      ))}
    </DraftDialog>
  )
}
