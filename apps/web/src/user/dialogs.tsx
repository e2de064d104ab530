import type { Role } from '@drover/model'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { toast } from 'sonner'
import { act } from '../api/act'
import { api } from '../api/client'
import { Button } from '../ui/button'
import { Dialog } from '../ui/dialog'
import { Field, Input, Select } from '../ui/field'
import { type AccountRow, refreshUsers, roleMeans } from './page'

export const passwordRule = {
  minLength: { value: 10, message: 'At least 10 characters.' },
  maxLength: { value: 200, message: 'At most 200 characters.' },
  required: 'At least 10 characters.',
}

/** Somebody new who may sign in. */
export function AddUser({ onClose }: { onClose: () => void }) {
  const [busy, setBusy] = useState(false)
  const { register, handleSubmit, formState } = useForm<{ name: string; role: Role; password: string }>({
    mode: 'onTouched',
    defaultValues: { name: '', role: 'operator', password: '' },
  })
  const { errors } = formState
  async function submit(values: { name: string; role: Role; password: string }) {
    setBusy(true)
    const name = values.name.trim().toLowerCase()
    const done = await act(`add ${name}`, () => api.user.create.mutate({ ...values, name }))
    setBusy(false)
    if (!done) return
    toast.success(`${name} may sign in now`, { description: `As ${values.role}.` })
    await refreshUsers()
    onClose()
  }
  return (
    <Dialog
      title="Add a user"
      onClose={onClose}
      onSubmit={() => void handleSubmit(submit)()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={busy}>
            Add user
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <Field label="Name" hint="What they sign in with." error={errors.name?.message}>
          <Input
            autoFocus
            autoCapitalize="none"
            {...register('name', {
              validate: (text) =>
                /^[a-z0-9][a-z0-9._@-]{1,49}$/.test(text.trim().toLowerCase()) ||
                '2 to 50 letters, digits, ".", "_", "-" and "@"; the first is a letter or digit.',
            })}
          />
        </Field>
        <Field label="Role">
          <Select {...register('role')}>
            {(Object.entries(roleMeans) as [Role, string][]).map(([role, means]) => (
              <option key={role} value={role}>
                {role}: {means}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Password" hint="They can change it themselves." error={errors.password?.message}>
          <Input type="password" autoComplete="new-password" {...register('password', passwordRule)} />
        </Field>
      </div>
    </Dialog>
  )
}

/** A new password for somebody who has lost theirs. */
export function ResetPassword({ account, onClose }: { account: AccountRow; onClose: () => void }) {
  const [busy, setBusy] = useState(false)
  const { register, handleSubmit, formState } = useForm({
    mode: 'onTouched',
    defaultValues: { password: '' },
  })
  async function submit({ password }: { password: string }) {
    setBusy(true)
    const done = await act(`set a password for ${account.name}`, () =>
      api.user.resetPassword.mutate({ userId: account.id, password }),
    )
    setBusy(false)
    if (!done) return
    toast.success(`${account.name} has a new password`, {
      description: 'Where they were signed in, that has ended.',
    })
    onClose()
  }
  return (
    <Dialog
      title={`A new password for ${account.name}`}
      about="Where they are signed in, that ends."
      onClose={onClose}
      onSubmit={() => void handleSubmit(submit)()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={busy}>
            Set password
          </Button>
        </>
      }
    >
      <Field label="New password" error={formState.errors.password?.message}>
        <Input
          autoFocus
          type="password"
          autoComplete="new-password"
          {...register('password', passwordRule)}
        />
      </Field>
    </Dialog>
  )
}
