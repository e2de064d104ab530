import {
  cloneElement,
  forwardRef,
  type InputHTMLAttributes,
  type ReactElement,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react'
import { cx } from './cx'

const box =
  'w-full rounded-md border border-line-strong bg-surface px-2 text-text placeholder:text-text-3 aria-invalid:border-error disabled:opacity-60'

/** A labelled control, with what it means below it, or what is wrong with it. */
export function Field({
  label,
  hint,
  error,
  children,
}: {
  label: string
  hint?: ReactNode
  error?: string | null
  children: ReactElement<Record<string, unknown>>
}) {
  const id = useId()
  const control = cloneElement(children, {
    id,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': error || hint ? `${id}-about` : undefined,
  })
  return (
    <div className="grid content-start gap-1">
      <label htmlFor={id} className="font-medium text-text-2">
        {label}
      </label>
      {control}
      {(error || hint) && (
        <p
          id={`${id}-about`}
          className={cx('text-sm', error ? 'text-error' : 'text-text-3')}
          role={error ? 'alert' : undefined}
        >
          {error || hint}
        </p>
      )}
    </div>
  )
}

type InputProps = InputHTMLAttributes<HTMLInputElement> & { unit?: string; narrow?: boolean }

/** One line of text; `unit` stands inside it, at the end. `narrow`: as wide as a number needs. */
export const Input = forwardRef<HTMLInputElement, InputProps>(function Input(
  { unit, narrow, className, ...rest },
  ref,
) {
  const input = (
    <input
      ref={ref}
      autoComplete="off"
      spellCheck={false}
      {...rest}
      className={cx(box, 'h-8', unit && 'pr-14', className)}
    />
  )
  if (!unit) return input
  return (
    <div className={cx('relative', narrow && 'max-w-40')}>
      {input}
      <span className="pointer-events-none absolute inset-y-0 right-2 grid place-items-center text-sm text-text-3">
        {unit}
      </span>
    </div>
  )
})

export const Select = forwardRef<HTMLSelectElement, SelectHTMLAttributes<HTMLSelectElement>>(function Select(
  { className, ...rest },
  ref,
) {
  return <select ref={ref} {...rest} className={cx(box, 'h-8', className)} />
})

export const Textarea = forwardRef<HTMLTextAreaElement, TextareaHTMLAttributes<HTMLTextAreaElement>>(
  function Textarea({ className, ...rest }, ref) {
    return <textarea ref={ref} rows={3} {...rest} className={cx(box, 'py-1.5', className)} />
  },
)

type CheckProps = Omit<InputHTMLAttributes<HTMLInputElement>, 'type'> & { label: ReactNode; hint?: ReactNode }

export const Check = forwardRef<HTMLInputElement, CheckProps>(function Check(
  { label, hint, className, ...rest },
  ref,
) {
  const id = useId()
  return (
    <div className={cx('flex gap-2', className)}>
      <input
        ref={ref}
        id={id}
        type="checkbox"
        {...rest}
        className="mt-1 shrink-0 self-start accent-(--accent)"
      />
      <label htmlFor={id}>
        {label}
        {hint && <span className="block text-sm text-text-3">{hint}</span>}
      </label>
    </div>
  )
})
