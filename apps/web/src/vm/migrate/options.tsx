import type { MigrationOptions } from '@drover/model'
import { Check, Field, Input } from '../../ui/field'

/** What is typed; empty means no limit. */
export interface OptionTexts {
  bandwidthMbps: string
  downtimeMs: string
  deadlineMinutes: string
  autoConverge: boolean
  postCopy: boolean
}

export const noOptions: OptionTexts = {
  bandwidthMbps: '',
  downtimeMs: '',
  deadlineMinutes: '',
  autoConverge: true,
  postCopy: false,
}

export type OptionErrors = Partial<Record<keyof OptionTexts, string>>

function positive(text: string, times: number): number | null | undefined {
  if (text.trim() === '') return null
  const value = Number(text)
  return Number.isFinite(value) && value > 0 ? Math.round(value * times) : undefined
}

/** The options as the API takes them, or what is wrong with each field. */
export function readOptions(texts: OptionTexts): {
  options: MigrationOptions | null
  errors: OptionErrors
} {
  const bandwidth = positive(texts.bandwidthMbps, 1_000_000)
  const downtime = positive(texts.downtimeMs, 1)
  const deadline = positive(texts.deadlineMinutes, 60_000)
  const errors: OptionErrors = {}
  const say = 'Type a number above 0, or leave it empty.'
  if (bandwidth === undefined) errors.bandwidthMbps = say
  if (downtime === undefined) errors.downtimeMs = say
  if (deadline === undefined) errors.deadlineMinutes = say
  if (bandwidth === undefined || downtime === undefined || deadline === undefined) {
    return { options: null, errors }
  }
  const { autoConverge, postCopy } = texts
  const options = {
    bandwidthBytesPerSecond: bandwidth,
    downtimeMs: downtime,
    deadlineMs: deadline,
    autoConverge,
    postCopy,
  }
  return { options, errors }
}

export function OptionFields({
  texts,
  errors,
  onChange,
}: {
  texts: OptionTexts
  errors: OptionErrors
  onChange: (texts: OptionTexts) => void
}) {
  const set = (name: keyof OptionTexts) => (event: { target: { value: string } }) =>
    onChange({ ...texts, [name]: event.target.value })
  return (
    <div className="grid gap-3 pt-2 sm:grid-cols-3">
      <Field label="Bandwidth, at most" hint="Empty: no limit." error={errors.bandwidthMbps}>
        <Input inputMode="decimal" unit="MB/s" value={texts.bandwidthMbps} onChange={set('bandwidthMbps')} />
      </Field>
      <Field label="Standstill, at most" hint="Empty: the hypervisor’s own." error={errors.downtimeMs}>
        <Input inputMode="numeric" unit="ms" value={texts.downtimeMs} onChange={set('downtimeMs')} />
      </Field>
      <Field label="Cancel after" hint="Empty: it may take its time." error={errors.deadlineMinutes}>
        <Input
          inputMode="decimal"
          unit="min"
          value={texts.deadlineMinutes}
          onChange={set('deadlineMinutes')}
        />
      </Field>
      <Check
        className="sm:col-span-3"
        label="Slow the guest down if it writes memory faster than the line carries it"
        hint="Auto-converge: without it, a busy guest may never arrive."
        checked={texts.autoConverge}
        onChange={(event) => onChange({ ...texts, autoConverge: event.target.checked })}
      />
      <Check
        className="sm:col-span-3"
        label="Start it on the target early and fetch the rest of its memory from there"
        hint="Post-copy: arrives in any case, but from then on there is no way back."
        checked={texts.postCopy}
        onChange={(event) => onChange({ ...texts, postCopy: event.target.checked })}
      />
    </div>
  )
}
