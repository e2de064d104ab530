import { type Cluster, type HaSettings, roleAllows, sayCount } from '@drover/model'
import { useState } from 'react'
import { act } from '../../api/act'
import { api } from '../../api/client'
import { useUser } from '../../console/store'
import { useStanding } from '../../replica/standing'
import { Button } from '../../ui/button'
import { Panel } from '../../ui/facts'
import { Field, Input, Select } from '../../ui/field'
import {
  changesOf,
  conflictOf,
  defaultOf,
  type HaField,
  haSections,
  isIdle,
  problemOf,
  settingsOf,
  textOf,
} from './fields'

/** Every setting with its unit, its default and what it means; saved together. Read by all, changed by admins. */
export function HaSettingsForm({ cluster }: { cluster: Cluster }) {
  const { role } = useUser()
  const standing = useStanding()
  const [typed, setTyped] = useState<Record<string, string>>({})
  const [busy, setBusy] = useState(false)
  const admin = roleAllows(role, 'admin')
  const next = settingsOf(cluster.ha, typed)
  const wrong = haSections
    .flatMap((section) => section.fields)
    .some((field) => typed[field.id] !== undefined && problemOf(field, typed[field.id]!) !== null)
  const changes = changesOf(cluster.ha, next)
  const count = Object.keys(changes).length
  const conflict = conflictOf(next)
  const reasons = [
    ...(standing ? [standing] : []),
    ...(wrong ? ['Mend the fields marked red first.'] : []),
    ...(conflict ? [conflict] : []),
  ]

  async function save() {
    if (busy || count === 0 || reasons.length > 0) return
    setBusy(true)
    const done = await act(`change the high availability of ${cluster.name}`, () =>
      api.cluster.changeHa.mutate({ clusterId: cluster.id, changes }),
    )
    setBusy(false)
    if (done) setTyped({})
  }

  return (
    <Panel title="Settings" aside={admin ? undefined : 'changed by admins'}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <div className="grid gap-x-8 gap-y-5 p-3 xl:grid-cols-2">
          {haSections.map((section) => (
            <fieldset key={section.title} className="grid min-w-0 content-start gap-3">
              <legend className="mb-2 font-medium">{section.title}</legend>
              {section.fields
                .filter((field) => !isIdle(field, next))
                .map((field) => (
                  <Row
                    key={field.id}
                    field={field}
                    ha={cluster.ha}
                    text={typed[field.id] ?? textOf(field, cluster.ha)}
                    readOnly={!admin}
                    onChange={(text) => setTyped({ ...typed, [field.id]: text })}
                  />
                ))}
            </fieldset>
          ))}
        </div>
        {(count > 0 || wrong) && (
          <footer className="sticky bottom-0 flex items-center gap-2 rounded-b-md border-t border-line-strong bg-raised px-3 py-2">
            <span className="flex-1 text-text-2" role="status">
              {conflict ??
                (wrong ? 'Some fields cannot be read.' : `${sayCount(count, 'setting')} changed, not saved.`)}
            </span>
            <Button onClick={() => setTyped({})}>Discard</Button>
            <Button look="primary" type="submit" busy={busy} reasons={reasons}>
              Save settings
            </Button>
          </footer>
        )}
      </form>
    </Panel>
  )
}

function Row({
  field,
  ha,
  text,
  readOnly,
  onChange,
}: {
  field: HaField
  ha: HaSettings
  text: string
  readOnly: boolean
  onChange: (text: string) => void
}) {
  const changed = text !== textOf(field, ha)
  const hint = `${field.hint} Default: ${defaultOf(field)}.${changed ? ` Now: ${saysNow(field, ha)}.` : ''}`
  return (
    <Field label={field.label} hint={hint} error={problemOf(field, text)}>
      {field.kind === 'choice' ? (
        <Select
          value={text}
          disabled={readOnly}
          onChange={(event) => onChange(event.target.value)}
          className="max-w-80"
        >
          {field.options.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </Select>
      ) : (
        <Input
          value={text}
          readOnly={readOnly}
          unit={field.kind === 'number' ? field.unit : undefined}
          inputMode={field.kind === 'number' ? 'decimal' : undefined}
          onChange={(event) => onChange(event.target.value)}
          narrow={field.kind === 'number'}
        />
      )}
    </Field>
  )
}

function saysNow(field: HaField, ha: HaSettings): string {
  const text = textOf(field, ha)
  if (field.kind === 'choice') return field.options.find(([value]) => value === text)?.[1] ?? text
  return field.kind === 'number' ? `${text} ${field.unit}` : text || 'none'
}
