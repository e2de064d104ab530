import { sayCount, type TaskKind, taskVerbs, type Vm, type VmId, type VmVerb, vmActions } from '@drover/model'
import { useState } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { closeDialog } from '../console/store'
import { useTables } from '../replica/hooks'
import { Confirm } from '../ui/confirm'
import { Field, Input } from '../ui/field'
import { reasonsAgainst } from './actions'

type PowerVerb = Exclude<VmVerb, 'migrate' | 'change' | 'delete'>

const means: Record<PowerVerb, string> = {
  start: 'It starts on the host that has it.',
  shutdown: 'The guest is asked to shut down by itself, and may take the time below. Nothing is lost.',
  reboot: 'The guest is asked to restart by itself.',
  suspend: 'It stands still and keeps its memory on its host.',
  resume: 'It goes on where it stood still.',
  stop: 'It is switched off like a machine that loses power: whatever the guest has not written is lost.',
  reset:
    'It is restarted like a machine whose reset button is pressed: whatever the guest has not written is lost.',
}
const buttons: Record<PowerVerb, string> = {
  start: 'Power on',
  shutdown: 'Shut down',
  reboot: 'Reboot',
  suspend: 'Suspend',
  resume: 'Resume',
  stop: 'Stop hard',
  reset: 'Reset',
}

/** Before power is changed: every VM by name, those that cannot with their reasons, and what it means. */
export function PowerDialog({
  verb,
  vmIds,
  done,
}: {
  verb: VmVerb
  vmIds: readonly VmId[]
  /** Called when something was accepted: the selection has served. */
  done?: () => void
}) {
  const tables = useTables()
  const [minutes, setMinutes] = useState('3')
  const [reason, setReason] = useState('')
  if (verb === 'migrate' || verb === 'change' || verb === 'delete') return null
  const vms = vmIds.map((id) => tables.vm.get(id)).filter((vm): vm is Vm => vm !== undefined)
  const judged = vms.map((vm) => ({ vm, reasons: reasonsAgainst(tables, vm, verb) }))
  const able = judged.filter((each) => each.reasons.length === 0).map((each) => each.vm)
  const graceful = verb === 'shutdown' || verb === 'reboot'
  const deadlineMs = Math.round(Number(minutes) * 60_000)
  const wrong = graceful && !(deadlineMs >= 1_000 && deadlineMs <= 86_400_000)
  const kind: TaskKind = `vm.${verb}`
  const { danger } = vmActions[verb]
  const one = able.length === 1 ? able[0]! : null

  async function run() {
    const answers = await Promise.all(
      able.map((vm) => {
        const input = { vmId: vm.id, reason: reason.trim() || undefined }
        const ask = () =>
          verb === 'shutdown' || verb === 'reboot'
            ? api.vm[verb].mutate({ ...input, deadlineMs })
            : api.vm[verb as Exclude<PowerVerb, 'shutdown' | 'reboot'>].mutate(input)
        return act(`${taskVerbs[kind]} ${vm.name}`, ask, { vmIds: [vm.id], kind })
      }),
    )
    const accepted = answers.some(Boolean)
    if (accepted) done?.()
    return accepted
  }

  const what = one ? one.name : sayCount(able.length, 'VM')
  return (
    <Confirm
      title={`${buttons[verb]} ${vms.length === 1 ? vms[0]!.name : sayCount(vms.length, 'VM')}`}
      about={means[verb]}
      label={able.length > 0 ? `${buttons[verb]} ${what}` : buttons[verb]}
      danger={danger}
      type={danger && able.length > 0 ? (one ? one.name : String(able.length)) : undefined}
      reasons={
        able.length === 0
          ? [...new Set(judged.flatMap((each) => each.reasons))]
          : wrong
            ? ['Type how many minutes it may take.']
            : []
      }
      run={run}
      onClose={closeDialog}
    >
      {vms.length > 1 && (
        <ul className="max-h-56 overflow-y-auto rounded-md border border-line" aria-label="VMs">
          {judged.map(({ vm, reasons }) => (
            <li key={vm.id} className="border-b border-line px-2 py-1 last:border-0">
              <span className={reasons.length > 0 ? 'text-text-3' : 'font-medium'}>{vm.name}</span>
              {reasons.length > 0 && (
                <span className="text-sm text-text-3"> left out: {reasons.join(' ')}</span>
              )}
            </li>
          ))}
        </ul>
      )}
      {graceful && (
        <Field
          label="It may take"
          hint={
            verb === 'shutdown'
              ? 'A guest that ignores it runs on; a hard stop is offered then.'
              : 'A guest that ignores it runs on.'
          }
          error={wrong ? 'Type a number of minutes, up to 1440.' : null}
        >
          <Input
            inputMode="decimal"
            unit="min"
            value={minutes}
            onChange={(event) => setMinutes(event.target.value)}
          />
        </Field>
      )}
      <Field label="Reason" hint="Optional; kept in the history.">
        <Input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={500} />
      </Field>
    </Confirm>
  )
}
