import type { ReactNode } from 'react'
import { Field, Input } from './field'
import { type NumberSpec, numberProblem } from './number'

/** A number with its unit in the field, checked while one types. */
export function NumberField({
  label,
  spec,
  text,
  onText,
  hint,
  error,
  readOnly,
}: {
  label: string
  spec: NumberSpec
  text: string
  onText: (text: string) => void
  hint?: ReactNode
  /** What is wrong beside others, when it is right by itself. */
  error?: string | null
  readOnly?: boolean
}) {
  return (
    <Field label={label} hint={hint} error={numberProblem(spec, text) ?? error ?? null}>
      <Input
        narrow
        inputMode="decimal"
        unit={spec.unit}
        value={text}
        readOnly={readOnly}
        placeholder={spec.optional ? 'no limit' : undefined}
        onChange={(event) => onText(event.target.value)}
      />
    </Field>
  )
}
