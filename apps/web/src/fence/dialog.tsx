import {
  type FenceAgentInfo,
  type FenceDevice,
  type FenceId,
  type Host,
  type HostId,
  isSilent,
} from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { act } from '../api/act'
import { api } from '../api/client'
import { refusalsOf, sayError } from '../api/errors'
import { closeDialog } from '../console/store'
import { useRow, useTables } from '../replica/hooks'
import { hostsByCluster } from '../replica/look'
import { Skeleton, Trouble } from '../ui/blank'
import { Button } from '../ui/button'
import { Confirm } from '../ui/confirm'
import { Dialog } from '../ui/dialog'
import { Check, Field, Input, Select } from '../ui/field'
import { type DeviceDraft, draftOf, inputOf, parametersOf, problemsOf } from './form'
import { ParameterField } from './parameter'

/** Those that most machines have. */
const usual = ['fence_ipmilan', 'fence_redfish', 'fence_idrac', 'fence_ilo5', 'fence_ilo4', 'fence_apc_snmp']

/** Adds a fence device to a host, or changes one; asks for what its program says that it needs. */
export function FenceDeviceDialog({ hostId, fenceId }: { hostId: HostId; fenceId?: FenceId }) {
  const host: Host | undefined = useRow('host', hostId)
  const device: FenceDevice | undefined = useRow('fence', fenceId)
  if (!host || (fenceId && !device)) return null
  return <Form key={fenceId ?? 'new'} host={host} device={device} />
}

function Form({ host, device }: { host: Host; device: FenceDevice | undefined }) {
  const tables = useTables()
  const [draft, setDraft] = useState<DeviceDraft>(() => draftOf(device, host.name))
  const [tried, setTried] = useState(false)
  const [answered, setAnswered] = useState<Record<string, string>>({})
  const [busy, setBusy] = useState(false)
  const programs = useQuery({
    queryKey: ['fence programs'],
    queryFn: () => api.fence.agents.query(),
    staleTime: 60_000,
  })
  const described = useQuery({
    queryKey: ['fence program', draft.agent],
    queryFn: () => api.fence.describe.query({ agent: draft.agent }),
    enabled: draft.agent !== '',
    staleTime: 60_000,
    retry: false,
  })
  const info = described.data as FenceAgentInfo | undefined
  const kept = new Set(device && device.agent === draft.agent ? Object.keys(device.sealed) : [])
  const problems = problemsOf(draft, info, kept)
  const shown = { ...(tried ? problems : typedOnly(problems, draft)), ...answered }
  const set = (part: Partial<DeviceDraft>) => {
    setDraft({ ...draft, ...part })
    setAnswered({})
  }
  const setParameter = (name: string, secret: boolean, value: string) =>
    secret
      ? set({ secrets: { ...draft.secrets, [name]: value } })
      : set({ params: { ...draft.params, [name]: value } })

  async function submit() {
    setTried(true)
    if (busy || Object.keys(problems).length > 0 || !info) return
    setBusy(true)
    try {
      const input = inputOf(draft)
      if (device) await api.fence.change.mutate({ fenceId: device.id, ...input })
      else await api.fence.create.mutate({ hostId: host.id, ...input })
      closeDialog()
    } catch (error) {
      const byField = refusalsOf(error).flatMap((refusal) =>
        refusal.code === 'invalid'
          ? [[refusal.field.split('.').at(-1)!, `${refusal.problem} ${refusal.remedy}`] as const]
          : [],
      )
      setAnswered(Object.fromEntries(byField))
      toast.error(`Could not save ${draft.name}`, { description: sayError(error), duration: 12_000 })
    }
    setBusy(false)
  }

  const missing = Object.keys(problems).length
  return (
    <Dialog
      title={device ? `Change ${device.name}` : `Add a fence device to ${host.name}`}
      about="Switches the host off when it has to be certain that it runs nothing, and says whether it is off."
      onClose={closeDialog}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            busy={busy}
            reasons={tried && missing > 0 ? ['Mend the fields marked red first.'] : []}
          >
            {device ? 'Save' : 'Add fence device'}
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <Field label="Name" error={shown.name}>
          <Input value={draft.name} onChange={(event) => set({ name: event.target.value })} maxLength={80} />
        </Field>
        <Field
          label="Program"
          error={shown.agent ?? (programs.isError ? sayError(programs.error) : null)}
          hint={info?.description ? firstSentence(info.description) : 'Of the fence-agents package.'}
        >
          <Select
            value={draft.agent}
            onChange={(event) => set({ agent: event.target.value, params: {}, secrets: {} })}
          >
            <option value="">{programs.isPending ? 'being looked for…' : 'choose'}</option>
            <Programs all={programs.data ?? (device ? [device.agent] : [])} />
          </Select>
        </Field>
        {described.isError ? (
          <Trouble title="The program does not say what it needs" onRetry={() => void described.refetch()}>
            {sayError(described.error)}
          </Trouble>
        ) : draft.agent !== '' && !info ? (
          <Skeleton rows={3} />
        ) : (
          info && <Parameters info={info} draft={draft} kept={kept} errors={shown} onChange={setParameter} />
        )}
        <hr className="border-line" />
        <div className="grid gap-3 sm:grid-cols-2">
          <Field
            label="Level"
            error={shown.level}
            hint="1 is tried first. All devices of one level are needed, such as two power supplies."
          >
            <Input
              inputMode="numeric"
              value={draft.level}
              onChange={(event) => set({ level: event.target.value })}
            />
          </Field>
          <Field label="Runs" hint="Where the program runs; the device has to be reachable from there.">
            <Select
              value={draft.viaHostId ?? ''}
              onChange={(event) => set({ viaHostId: (event.target.value || null) as HostId | null })}
            >
              <option value="">on control</option>
              {(hostsByCluster(tables).get(host.clusterId) ?? [])
                .filter((each) => each.id !== host.id)
                .map((each) => (
                  <option key={each.id} value={each.id}>
                    on {each.name}
                    {isSilent(each) ? ', silent now' : ''}
                  </option>
                ))}
            </Select>
          </Field>
          <Field
            label="Waits"
            error={shown.delay}
            hint="Before it acts, so that of two hosts that fence each other one wins."
          >
            <Input
              inputMode="decimal"
              unit="s"
              value={draft.delay}
              onChange={(event) => set({ delay: event.target.value })}
            />
          </Field>
          <Field label="Tried again" error={shown.retries} hint="Before the next level.">
            <Input
              inputMode="numeric"
              unit="times"
              value={draft.retries}
              onChange={(event) => set({ retries: event.target.value })}
            />
          </Field>
          <Field label="Given up after" error={shown.timeout} hint="For each try.">
            <Input
              inputMode="decimal"
              unit="s"
              value={draft.timeout}
              onChange={(event) => set({ timeout: event.target.value })}
            />
          </Field>
        </div>
        <Check
          label="In use"
          hint="Without it, it is kept but never asked."
          checked={draft.enabled}
          onChange={(event) => set({ enabled: event.target.checked })}
        />
      </div>
    </Dialog>
  )
}

/** Only what is wrong with something that was typed: a form that is just begun is not red all over. */
function typedOnly(problems: Record<string, string>, draft: DeviceDraft): Record<string, string> {
  const empty = (name: string) =>
    name === 'agent' ||
    ((draft.params[name] ?? draft.secrets[name] ?? '') === '' && problems[name] === 'The program needs this.')
  return Object.fromEntries(Object.entries(problems).filter(([name]) => !empty(name)))
}

function firstSentence(text: string): string {
  return text.split(/(?<=\.)\s/)[0]!.slice(0, 160)
}

function Programs({ all }: { all: readonly string[] }) {
  const first = usual.filter((each) => all.includes(each))
  const rest = all.filter((each) => !first.includes(each))
  const options = (list: readonly string[]) =>
    list.map((each) => (
      <option key={each} value={each}>
        {each}
      </option>
    ))
  return (
    <>
      {first.length > 0 && <optgroup label="Usual">{options(first)}</optgroup>}
      <optgroup label={first.length > 0 ? 'All others' : 'Programs'}>{options(rest)}</optgroup>
    </>
  )
}

function Parameters({
  info,
  draft,
  kept,
  errors,
  onChange,
}: {
  info: FenceAgentInfo
  draft: DeviceDraft
  kept: ReadonlySet<string>
  errors: Record<string, string>
  onChange: (name: string, secret: boolean, value: string) => void
}) {
  const { required, optional } = parametersOf(info)
  const field = (parameter: FenceAgentInfo['parameters'][number]) => (
    <ParameterField
      key={parameter.name}
      parameter={parameter}
      value={(parameter.secret ? draft.secrets : draft.params)[parameter.name] ?? ''}
      kept={parameter.secret && kept.has(parameter.name)}
      error={errors[parameter.name]}
      onChange={(value) => onChange(parameter.name, parameter.secret, value)}
    />
  )
  const wrong = optional.some((parameter) => errors[parameter.name])
  return (
    <>
      <div className="grid gap-3">{required.map(field)}</div>
      {optional.length > 0 && (
        <details open={wrong || undefined}>
          <summary className="font-medium text-text-2">{optional.length} other parameters</summary>
          <div className="mt-2 grid gap-3">{optional.map(field)}</div>
        </details>
      )}
    </>
  )
}

/** Before a fence device is forgotten: what is lost with it. */
export function DeleteFenceDevice({ fenceId }: { fenceId: FenceId }) {
  const device: FenceDevice | undefined = useRow('fence', fenceId)
  const host: Host | undefined = useRow('host', device?.hostId)
  const others = [...useTables().fence.values()].filter(
    (each) => each.hostId === device?.hostId && each.id !== fenceId && each.enabled,
  )
  if (!device || !host) return null
  return (
    <Confirm
      danger
      title={`Delete ${device.name}`}
      about={
        others.length > 0
          ? `${host.name} is then fenced by ${others.map((each) => each.name).join(', ')} only.`
          : `${host.name} can then not be fenced: when it is lost, its VMs wait until it stops them by itself or a person confirms that it is off.`
      }
      label={`Delete ${device.name}`}
      why="Optional; kept in the history."
      run={(reason) => act(`delete ${device.name}`, () => api.fence.delete.mutate({ fenceId, reason }))}
      onClose={closeDialog}
    />
  )
}
