import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { toSignIn } from '../console/session'
import { Button } from '../ui/button'
import { Panel } from '../ui/facts'
import { Field, Input } from '../ui/field'
import { passwordRule } from '../user/dialogs'

interface Values {
  current: string
  next: string
  again: string
}

export function OwnPassword() {
  const [refusal, setRefusal] = useState<string | null>(null)
  const { register, handleSubmit, formState, getValues } = useForm<Values>({
    mode: 'onTouched',
    defaultValues: { current: '', next: '', again: '' },
  })
  const { errors, isSubmitting } = formState
  async function submit({ current, next }: Values) {
    try {
      await api.user.changePassword.mutate({ current, next })
      toSignIn()
    } catch (error) {
      setRefusal(sayError(error))
    }
  }
  return (
    <Panel title="Your password">
      <form onSubmit={handleSubmit(submit)} className="grid gap-3 p-3" noValidate aria-label="Your password">
        {refusal && (
          <p role="alert" className="text-error">
            {refusal}
          </p>
        )}
        <Field label="Current password" error={errors.current?.message}>
          <Input
            type="password"
            autoComplete="current-password"
            {...register('current', { required: 'Type the one you signed in with.' })}
          />
        </Field>
        <Field label="New password" error={errors.next?.message}>
          <Input type="password" autoComplete="new-password" {...register('next', passwordRule)} />
        </Field>
        <Field label="New password, again" error={errors.again?.message}>
          <Input
            type="password"
            autoComplete="new-password"
            {...register('again', {
              validate: (text) => text === getValues('next') || 'Not the same as above.',
            })}
          />
        </Field>
        <p className="text-sm text-text-3">
          Wherever you are signed in, here too, that ends: sign in again with the new one.
        </p>
        <div>
          <Button look="primary" type="submit" busy={isSubmitting}>
            Change password
          </Button>
        </div>
      </form>
    </Panel>
  )
}
