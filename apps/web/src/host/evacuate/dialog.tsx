import {
  type EvacuationPlan,
  type Host,
  type HostId,
  type Refusal,
  sayCount,
  sayRefusal,
  sayRefusals,
} from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { toast } from 'sonner'
import { api } from '../../api/client'
import { refusalsOf, sayError } from '../../api/errors'
import { closeDialog } from '../../console/store'
import { useRow, useTables } from '../../replica/hooks'
import { Skeleton, Trouble } from '../../ui/blank'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Check, Field, Input } from '../../ui/field'
import { modKey } from '../../ui/kbd'
import { Notice } from '../../ui/notice'
import { reasonsAgainstHost } from '../actions'
import { BeforeAfter } from './bars'
import { countsOf, PlanTable, PlanTotals } from './plan'

/** Against the plan as a whole; what single VMs have against it stands with them. */
function isFinal(refusal: Refusal): boolean {
  return refusal.code !== 'blockers'
}

/** The plan first: where each VM goes, how, how long, and what stands in the way. Approved as a whole; exactly that runs. */
export function EvacuateDialog({ hostId, goal }: { hostId: HostId; goal: 'maintenance' | 'nothing' }) {
  const host: Host | undefined = useRow('host', hostId)
  const tables = useTables()
  const [cold, setCold] = useState(false)
  const [partial, setPartial] = useState(false)
  const query = useQuery({
    queryKey: ['evacuation plan', hostId, cold],
    queryFn: () => api.host.planEvacuation.query({ hostId, cold }),
    placeholderData: (before) => before,
    staleTime: 0,
    gcTime: 0,
  })
  const plan = query.data as EvacuationPlan | undefined
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [changed, setChanged] = useState<string | null>(null)
  const [refused, setRefused] = useState<string | null>(null)
  // What stands in the way may have been mended meanwhile.
  const blocked = plan !== undefined && !plan.complete
  const { refetch } = query
  useEffect(() => {
    if (!blocked) return
    const timer = setInterval(() => void refetch(), 3_000)
    return () => clearInterval(timer)
  }, [blocked, refetch])

  if (!host) return null
  const maintenance = goal === 'maintenance'
  const title = maintenance ? `Take ${host.name} into maintenance` : `Evacuate ${host.name}`
  const counts = plan ? countsOf(plan) : null
  const moving = counts ? counts.live + counts.cold + counts.stop : 0
  const reasons = [
    ...reasonsAgainstHost(tables, host, maintenance ? 'enterMaintenance' : 'evacuate'),
    ...(plan?.refusals.filter(isFinal).map(sayRefusal) ?? []),
    ...(counts && counts.blocked > 0 && !partial
      ? [
          `${sayCount(counts.blocked, 'VM')} can go nowhere. Mend what is marked red; the plan follows by itself.`,
        ]
      : []),
    ...(!maintenance && plan && moving === 0 ? [`Nothing runs on ${host.name}.`] : []),
  ]

  async function submit() {
    if (busy || !plan || reasons.length > 0 || !host) return
    setBusy(true)
    setRefused(null)
    const input = {
      hostId,
      fingerprint: plan.fingerprint,
      cold,
      partial: partial && blocked,
      reason: reason.trim() || undefined,
    }
    try {
      await (maintenance ? api.host.enterMaintenance.mutate(input) : api.host.evacuate.mutate(input))
      closeDialog()
    } catch (error) {
      const other = refusalsOf(error).find((refusal) => refusal.code === 'plan_changed')
      if (other) {
        setChanged(sayRefusal(other))
        await query.refetch()
      } else {
        setRefused(refusalsOf(error).length > 0 ? sayRefusals(refusalsOf(error)) : sayError(error))
        toast.error(`Could not ${maintenance ? 'empty' : 'evacuate'} ${host.name}`, {
          description: sayError(error),
        })
      }
    }
    setBusy(false)
  }

  return (
    <Dialog
      wide
      title={title}
      about={
        maintenance
          ? 'It takes no new VMs, its VMs move away as below, and only when it is really empty is it in maintenance.'
          : 'Its VMs move away as below. It stays in service and may be given VMs again.'
      }
      onClose={closeDialog}
      onSubmit={() => void submit()}
      footer={
        <>
          <span className="mr-auto text-sm text-text-3 max-sm:hidden">
            {modKey('↵')} approves the plan as a whole; exactly that runs
          </span>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button look="primary" type="submit" busy={busy || !plan} reasons={reasons}>
            {maintenance
              ? moving > 0
                ? `Move ${sayCount(moving, 'VM')} and enter maintenance`
                : 'Enter maintenance'
              : `Move ${sayCount(moving, 'VM')}`}
          </Button>
        </>
      }
    >
      {query.isError ? (
        <Trouble title="No plan could be made" onRetry={() => void query.refetch()}>
          {sayError(query.error)}
        </Trouble>
      ) : !plan ? (
        <Skeleton rows={6} />
      ) : (
        <div className="grid gap-3">
          {changed && (
            <Notice tone="warning">
              <span>{changed} This is the new one; nothing has been started.</span>
            </Notice>
          )}
          {refused && (
            <Notice tone="error">
              <span>{refused}</span>
            </Notice>
          )}
          {plan.refusals.some(isFinal) && (
            <Notice tone="error">
              <span>{sayRefusals(plan.refusals.filter(isFinal))}</span>
            </Notice>
          )}
          <PlanTotals plan={plan} />
          <PlanTable plan={plan} />
          <BeforeAfter plan={plan} />
          <Check
            label="Move cold what cannot go live"
            hint="Those VMs are shut down, moved and started again."
            checked={cold}
            onChange={(event) => setCold(event.target.checked)}
          />
          {blocked && (
            <Check
              label="Begin with what can be moved, and wait for the rest"
              hint="The task goes on by itself when what is marked red is mended."
              checked={partial}
              onChange={(event) => setPartial(event.target.checked)}
            />
          )}
          <Field label="Reason" hint="Optional; shown with the host and kept in the history.">
            <Input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={500} />
          </Field>
        </div>
      )}
    </Dialog>
  )
}
