import {
  type Datastore,
  type DatastoreId,
  type Host,
  type HostId,
  type MigrationMethod,
  type MigrationTargets,
  methodWords,
  sayBytes,
  sayDuration,
  sayRefusal,
  type TargetOption,
  type TaskPlan,
  type Vm,
  type VmId,
} from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { act } from '../../api/act'
import { api, trpc } from '../../api/client'
import { sayError } from '../../api/errors'
import { closeDialog } from '../../console/store'
import { HostChoice, HostChoiceHead, type HostOption } from '../../host/choice'
import { useRow, useTables } from '../../replica/hooks'
import { Skeleton, Trouble } from '../../ui/blank'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Input, Select } from '../../ui/field'
import { modKey } from '../../ui/kbd'
import { Methods } from './methods'
import { noOptions, OptionFields, readOptions } from './options'
import { Plan } from './plan'

/** Where to, by which way, and what will happen: every host is listed, those that cannot with all their reasons. */
export function MigrateDialog({ vmId, targetId }: { vmId: VmId; targetId?: HostId }) {
  const vm: Vm | undefined = useRow('vm', vmId)
  const query = useQuery(
    trpc.vm.migrationTargets.queryOptions({ vmId }, { refetchInterval: 3_000, staleTime: 0 }),
  )
  const answer = query.data as MigrationTargets | undefined
  const [picked, setPicked] = useState<HostId | null>(targetId ?? null)
  const [method, setMethod] = useState<MigrationMethod | null>(null)
  const [datastoreId, setDatastoreId] = useState<DatastoreId | null>(null)
  const [texts, setTexts] = useState(noOptions)
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)

  const targets = answer?.targets ?? []
  const target =
    targets.find((each) => each.host.id === picked && wayTo(each)) ??
    targets.find((each) => each.best !== null) ??
    targets.find((each) => wayTo(each))
  const allowed = target?.methods.some((each) => each.method === method && each.verdict.ok)
  const way = allowed ? method : target ? wayTo(target) : null
  const { options, errors } = readOptions(texts)
  const movesDisks = way !== null && way !== 'live'
  const datastoreIds = movesDisks && datastoreId && vm ? vm.disks.map(() => datastoreId) : null
  const input =
    target && way && options
      ? {
          vmId,
          targetId: target.host.id,
          method: way,
          datastoreIds,
          options,
          reason: reason.trim() || undefined,
        }
      : null
  const plan = useQuery({
    queryKey: ['migration plan', vmId, target?.host.id, way, datastoreId, JSON.stringify(options)],
    queryFn: async () => (await api.vm.migrate.mutate({ ...input!, dryRun: true })).plan as TaskPlan,
    enabled: input !== null,
    retry: false,
    staleTime: 2_000,
  })

  async function submit() {
    if (!input || busy || plan.isError || !vm) return
    setBusy(true)
    const done = await act(`migrate ${vm.name}`, () => api.vm.migrate.mutate(input), {
      vmIds: [vmId],
      kind: 'vm.migrate',
    })
    setBusy(false)
    if (done) closeDialog()
  }

  if (!vm) return null
  const reasons =
    answer && !target
      ? [`No host of its cluster can take ${vm.name}. The reasons are beside each host.`]
      : plan.isError
        ? [sayError(plan.error)]
        : []
  return (
    <Dialog
      wide
      title={`Migrate ${vm.name}`}
      about={
        <>
          {answer ? `Now on ${answer.source.name}` : 'Now on its host'}, {sayBytes(vm.memoryBytes)} of memory
          {vm.power === 'running' ? ', running' : ', not running'}.
        </>
      }
      onClose={closeDialog}
      onSubmit={() => void submit()}
      footer={
        <>
          <span className="mr-auto text-sm text-text-3 max-sm:hidden">{modKey('↵')} to start</span>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button look="primary" type="submit" busy={busy || !input} reasons={reasons}>
            {target ? `Migrate to ${target.host.name}` : 'Migrate'}
          </Button>
        </>
      }
    >
      {query.isError ? (
        <Trouble title="The hosts cannot be asked" onRetry={() => void query.refetch()}>
          {sayError(query.error)}
        </Trouble>
      ) : !answer ? (
        <Skeleton rows={6} />
      ) : (
        <div className="grid gap-4">
          <div>
            <HostChoiceHead last="Way" />
            <HostChoice
              label="Target host"
              options={targets.map(optionOf)}
              chosen={target?.host.id ?? null}
              onChoose={(id) => {
                setPicked(id)
                setDatastoreId(null)
              }}
            />
          </div>
          {target && <Methods methods={target.methods} chosen={way} onChoose={setMethod} />}
          {target && movesDisks && (
            <DatastoreField
              targetId={target.host.id}
              vm={vm}
              chosen={datastoreId}
              onChoose={setDatastoreId}
            />
          )}
          <details>
            <summary className="font-medium text-text-2">Options</summary>
            <OptionFields texts={texts} errors={errors} onChange={setTexts} />
          </details>
          <Field label="Reason" hint="Optional; kept in the history.">
            <Input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={500} />
          </Field>
          {target && <Plan plan={plan.data} error={plan.isError ? sayError(plan.error) : null} />}
        </div>
      )}
    </Dialog>
  )
}

/** The way that a host is reached by unless another is chosen; null when there is none. */
function wayTo(target: TargetOption): MigrationMethod | null {
  return target.best ?? target.methods.find((each) => each.verdict.ok)?.method ?? null
}

function optionOf(target: TargetOption): HostOption {
  const way = wayTo(target)
  const chosen = target.methods.find((each) => each.method === way)
  const refusals = way ? [] : target.methods.flatMap((each) => (each.verdict.ok ? [] : each.verdict.refusals))
  // That one way is the wrong one for this VM says nothing about the host, where anything else does.
  const telling = refusals.filter((refusal) => refusal.code !== 'invalid')
  return {
    ...target,
    reasons: [...new Set((telling.length > 0 ? telling : refusals).map(sayRefusal))],
    note: chosen && (
      <>
        {methodWords[chosen.method]}
        {target.best === null && ' only'}
        {chosen.expectedMs !== null && <span className="num"> ~{sayDuration(chosen.expectedMs)}</span>}
      </>
    ),
  }
}

function DatastoreField({
  targetId,
  vm,
  chosen,
  onChoose,
}: {
  targetId: HostId
  vm: Vm
  chosen: DatastoreId | null
  onChoose: (id: DatastoreId | null) => void
}) {
  const host: Host | undefined = useRow('host', targetId)
  const tables = useTables()
  const stores = (host?.datastores ?? [])
    .map((mount) => tables.datastore.get(mount.datastoreId))
    .filter((store): store is Datastore => store !== undefined)
  const needed = vm.disks.reduce((sum, disk) => sum + disk.sizeBytes, 0)
  return (
    <Field label="Disks go to" hint={`${sayBytes(needed)} at most.`}>
      <Select
        value={chosen ?? ''}
        onChange={(event) => onChoose((event.target.value || null) as DatastoreId | null)}
      >
        <option value="">where they are, or where they fit best</option>
        {stores.map((store) => (
          <option key={store.id} value={store.id}>
            {store.name}, {sayBytes(store.freeBytes)} free
          </option>
        ))}
      </Select>
    </Field>
  )
}
