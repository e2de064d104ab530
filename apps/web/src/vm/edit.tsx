import type { Vm, VmChanges, VmId } from '@drover/model'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { act } from '../api/act'
import { api } from '../api/client'
import { closeDialog } from '../console/store'
import { fromGiB, toGiB } from '../format/quantity'
import { useRow, useTables } from '../replica/hooks'
import { Button } from '../ui/button'
import { Dialog } from '../ui/dialog'
import { Field, Input, Textarea } from '../ui/field'
import { reasonsAgainst } from './actions'
import { memoryProblem, nameProblem, readTags, vcpusProblem } from './fields'

interface Values {
  name: string
  vcpus: string
  memory: string
  tags: string
  notes: string
}

/** Changes a VM; what was not touched stays. */
export function EditVmDialog({ vmId }: { vmId: VmId }) {
  const vm: Vm | undefined = useRow('vm', vmId)
  return vm ? <Form vm={vm} /> : null
}

function Form({ vm }: { vm: Vm }) {
  const tables = useTables()
  const [busy, setBusy] = useState(false)
  const { register, handleSubmit, formState, getValues } = useForm<Values>({
    mode: 'onChange',
    defaultValues: {
      name: vm.name,
      vcpus: String(vm.vcpus),
      memory: toGiB(vm.memoryBytes),
      tags: vm.tags.join(', '),
      notes: vm.notes,
    },
  })
  const { errors, dirtyFields } = formState
  const off = vm.power === 'off' || vm.power === 'crashed'
  const locked = off ? undefined : 'Only while it is off. Shut it down first.'

  function changes(values: Values): VmChanges {
    return {
      ...(dirtyFields.name ? { name: values.name.trim() } : {}),
      ...(dirtyFields.vcpus ? { vcpus: Number(values.vcpus) } : {}),
      ...(dirtyFields.memory ? { memoryBytes: fromGiB(values.memory) } : {}),
      ...(dirtyFields.tags ? { tags: readTags(values.tags) } : {}),
      ...(dirtyFields.notes ? { notes: values.notes } : {}),
    }
  }
  const nothing = Object.keys(changes(getValues())).length === 0

  async function submit(values: Values) {
    if (busy || nothing) return
    setBusy(true)
    const done = await act(`change ${vm.name}`, () =>
      api.vm.change.mutate({ vmId: vm.id, changes: changes(values) }),
    )
    setBusy(false)
    if (done) closeDialog()
  }

  return (
    <Dialog
      title={`Edit ${vm.name}`}
      onClose={closeDialog}
      onSubmit={() => void handleSubmit(submit)()}
      footer={
        <>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            busy={busy}
            reasons={
              nothing
                ? ['Nothing is changed yet.']
                : Object.keys(errors).length > 0
                  ? ['Mend the fields marked red first.']
                  : reasonsAgainst(tables, vm, 'change')
            }
          >
            Save
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <Field label="Name" hint={locked} error={errors.name?.message}>
          <Input
            readOnly={!off}
            {...register('name', { validate: (text) => nameProblem(text.trim()) ?? true })}
          />
        </Field>
        <Field label="vCPUs" hint={locked} error={errors.vcpus?.message}>
          <Input
            inputMode="numeric"
            readOnly={!off}
            {...register('vcpus', { validate: (text) => vcpusProblem(text) ?? true })}
          />
        </Field>
        <Field label="Memory" hint={locked} error={errors.memory?.message}>
          <Input
            inputMode="decimal"
            unit="GiB"
            readOnly={!off}
            {...register('memory', { validate: (text) => memoryProblem(text) ?? true })}
          />
        </Field>
        <Field label="Tags" hint="Separated by commas.">
          <Input {...register('tags')} />
        </Field>
        <Field label="Notes">
          <Textarea {...register('notes', { maxLength: 10_000 })} />
        </Field>
      </div>
    </Dialog>
  )
}
