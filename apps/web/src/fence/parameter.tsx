import type { FenceParameter } from '@drover/model'
import { Check, Field, Input, Select } from '../ui/field'

/** One parameter, as the program's own metadata describes it. A secret is never shown again once it is kept. */
export function ParameterField({
  parameter,
  value,
  kept,
  error,
  onChange,
}: {
  parameter: FenceParameter
  value: string
  kept: boolean
  error?: string
  onChange: (value: string) => void
}) {
  const label = `${labelOf(parameter.name)}${parameter.required ? ' (required)' : ''}`
  const hint = [
    parameter.description,
    parameter.default !== null && parameter.default !== '' ? `Default: ${parameter.default}.` : '',
  ]
    .filter(Boolean)
    .join(' ')
  if (parameter.type === 'boolean') {
    const on = value === '' ? parameter.default === '1' || parameter.default === 'true' : value === '1'
    return (
      <Check
        label={label}
        hint={parameter.description}
        checked={on}
        onChange={(event) => onChange(event.target.checked ? '1' : '0')}
      />
    )
  }
  return (
    <Field label={label} hint={kept ? 'A secret is kept. Leave it empty to keep it.' : hint} error={error}>
      {parameter.options.length > 0 ? (
        <Select value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">{parameter.default ? `as it is: ${parameter.default}` : 'as it is'}</option>
          {parameter.options.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </Select>
      ) : (
        <Input
          type={parameter.secret ? 'password' : 'text'}
          autoComplete={parameter.secret ? 'new-password' : 'off'}
          inputMode={parameter.type === 'integer' || parameter.type === 'second' ? 'numeric' : undefined}
          unit={parameter.type === 'second' ? 's' : undefined}
          placeholder={kept ? '••••••••' : undefined}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

/** `ip` → `IP`, `power_wait` → `Power wait`. */
function labelOf(name: string): string {
  if (name === 'ip') return 'Address'
  if (name === 'ipport') return 'Port'
  if (name === 'plug') return 'Plug, or the name of the machine'
  const words = name.replace(/_/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
