'use client'

import { useSearchParams } from 'next/navigation'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { signIn } from '../../api/auth'
import { Button } from '../../ui/button'
import { Field, Input } from '../../ui/field'
import { Mark } from '../../ui/state'

/** Only addresses of this dashboard: a link must not lead a freshly signed-in person elsewhere. */
function safe(next: string | null): string {
  if (!next?.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/'
  return next
}

export function SignInForm() {
  const next = safe(useSearchParams().get('next'))
  const [refusal, setRefusal] = useState<string | null>(null)
  const { register, handleSubmit, formState, setFocus, resetField } = useForm({
    defaultValues: { username: '', password: '' },
  })
  const { errors, isSubmitting } = formState

  async function submit(values: { username: string; password: string }) {
    const answer = await signIn(values.username.trim().toLowerCase(), values.password)
    if (answer.ok) return location.assign(next)
    setRefusal(answer.sentence)
    resetField('password')
    setFocus('password')
  }

  return (
    <form
      onSubmit={handleSubmit(submit)}
      className="panel grid w-[min(340px,100%)] gap-4 p-6"
      aria-label="Sign in"
      noValidate
    >
      <h1 className="text-xl font-semibold">Drover</h1>
      {refusal && (
        <p role="alert" className="flex gap-2 rounded-md border border-error/40 p-2 text-error">
          <span className="mt-1">
            <Mark tone="error" />
          </span>
          {refusal}
        </p>
      )}
      <Field label="Name" error={errors.username?.message}>
        <Input
          autoFocus
          autoComplete="username"
          autoCapitalize="none"
          {...register('username', { required: 'Type the name that you sign in with.' })}
        />
      </Field>
      <Field label="Password" error={errors.password?.message}>
        <Input
          type="password"
          autoComplete="current-password"
          {...register('password', { required: 'Type your password.' })}
        />
      </Field>
      <Button look="primary" type="submit" busy={isSubmitting} className="h-8 justify-center">
        {isSubmitting ? 'Signing in…' : 'Sign in'}
      </Button>
      <p className="text-sm text-text-3">
        The first start of Drover prints the name and password of its first admin.
      </p>
    </form>
  )
}
