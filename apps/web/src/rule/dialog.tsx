import {
  type ClusterId,
  type HostId,
  type Rule,
  type RuleId,
  type RuleInput,
  sayRefusal,
} from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { closeDialog } from '../console/store'
import { useRow, useTables } from '../replica/hooks'
import { hostsByCluster, vmsByCluster } from '../replica/look'
import { Button } from '../ui/button'
import { Choices } from '../ui/choices'
import { Confirm } from '../ui/confirm'
import { cx } from '../ui/cx'
import { Dialog } from '../ui/dialog'
import { Check, Field, Input } from '../ui/field'
import { Notice } from '../ui/notice'
import { Picker } from './picker'
import { relations, sayRuleNow } from './words'

/** Writes a rule; what it means stands below as a sentence, and what it would clash with is said while one picks. */
export function RuleDialog({ clusterId, ruleId }: { clusterId: ClusterId; ruleId?: RuleId }) {
  const rule: Rule | undefined = useRow('rule', ruleId)
  if (ruleId && !rule) return null
  return <Form key={ruleId ?? 'new'} clusterId={clusterId} rule={rule} />
}

function Form({ clusterId, rule }: { clusterId: ClusterId; rule: Rule | undefined }) {
  const tables = useTables()
  const [draft, setDraft] = useState<RuleInput>(() => ({
    clusterId,
    name: rule?.name ?? '',
    kind: rule?.kind ?? 'vm-vm',
    relation: rule?.relation ?? 'apart',
    strict: rule?.strict ?? true,
    vmIds: rule?.vmIds ?? [],
    hosts: rule?.hosts ?? [],
    enabled: rule?.enabled ?? true,
  }))
  // What somebody else saves meanwhile is not to be overwritten unseen.
  const [version] = useState(rule?.version)
  const [busy, setBusy] = useState(false)
  const set = (part: Partial<RuleInput>) => setDraft({ ...draft, ...part })
  const needsHosts = draft.kind === 'vm-host'
  const fewest = needsHosts ? 1 : 2
  const missing = [
    ...(draft.name.trim() === '' ? ['Give it a name.'] : []),
    ...(draft.vmIds.length < fewest ? [`Choose at least ${fewest === 1 ? 'one VM' : 'two VMs'}.`] : []),
    ...(needsHosts && draft.hosts.length === 0 ? ['Choose at least one host.'] : []),
  ]
  const asked = useDeferredValue(JSON.stringify({ ...draft, name: draft.name.trim() || 'new rule' }))
  const conflicts = useQuery({
    queryKey: ['rule conflicts', rule?.id, asked],
    queryFn: () =>
      api.rule.conflicts.query({ ...(JSON.parse(asked) as RuleInput), ...(rule ? { ruleId: rule.id } : {}) }),
    enabled: draft.vmIds.length >= fewest && (!needsHosts || draft.hosts.length > 0),
    placeholderData: (before) => before,
    retry: false,
  })
  const clashes = draft.vmIds.length >= fewest ? (conflicts.data?.refusals ?? []) : []
  const reasons = [...missing, ...clashes.map(sayRefusal)]

  async function submit() {
    if (busy || reasons.length > 0) return
    setBusy(true)
    const input = { ...draft, name: draft.name.trim(), hosts: needsHosts ? draft.hosts : [] }
    const done = await act(`${rule ? 'change' : 'make'} the rule ${input.name}`, () =>
      rule
        ? api.rule.change.mutate({ ruleId: rule.id, changes: withoutCluster(input), version })
        : api.rule.create.mutate(input),
    )
    setBusy(false)
    if (done) closeDialog()
  }

  const priority = new Map(draft.hosts.map((each) => [each.hostId, each.priority]))
  return (
    <Dialog
      wide
      title={rule ? `Change the rule ${rule.name}` : 'New rule'}
      onClose={closeDialog}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button look="primary" type="submit" busy={busy} reasons={reasons}>
            {rule ? 'Save rule' : 'Make rule'}
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <Field label="Name">
          <Input value={draft.name} onChange={(event) => set({ name: event.target.value })} maxLength={80} />
        </Field>
        <Choices
          label="Kind"
          options={relations}
          chosen={draft.relation}
          onChoose={(relation) => set({ relation, kind: relations[relation].kind })}
        />
        <div className={cx('grid gap-3', needsHosts && 'sm:grid-cols-2')}>
          <Picker
            label="VMs"
            options={vmsByCluster(tables).get(clusterId) ?? []}
            chosen={draft.vmIds}
            onChange={(vmIds) => set({ vmIds: vmIds as RuleInput['vmIds'] })}
          />
          {needsHosts && (
            <Picker
              label="Hosts"
              options={hostsByCluster(tables).get(clusterId) ?? []}
              chosen={draft.hosts.map((each) => each.hostId)}
              onChange={(ids) =>
                set({
                  hosts: (ids as HostId[]).map((hostId) => ({ hostId, priority: priority.get(hostId) ?? 1 })),
                })
              }
              aside={
                draft.relation === 'on'
                  ? (id) => (
                      <input
                        type="number"
                        min={0}
                        max={100}
                        aria-label={`Priority of ${tables.host.get(id)?.name}`}
                        title="Priority: the highest is preferred"
                        value={priority.get(id as HostId) ?? 1}
                        onChange={(event) =>
                          set({
                            hosts: draft.hosts.map((each) =>
                              each.hostId === id
                                ? { ...each, priority: Number(event.target.value) || 0 }
                                : each,
                            ),
                          })
                        }
                        className="num w-14 rounded-sm border border-line-strong bg-surface px-1 text-center"
                      />
                    )
                  : undefined
              }
              hint={
                draft.relation === 'on' ? 'The number is the priority: the highest is preferred.' : undefined
              }
            />
          )}
        </div>
        <Check
          label="Must hold"
          hint={
            draft.strict
              ? 'Nothing that breaks it is ever done, even if a VM stays down for it.'
              : 'It should hold: it is heeded where that is possible, and broken before a VM stays down.'
          }
          checked={draft.strict}
          onChange={(event) => set({ strict: event.target.checked })}
        />
        <Check
          label="In use"
          checked={draft.enabled}
          onChange={(event) => set({ enabled: event.target.checked })}
        />
        {missing.length < 2 && draft.vmIds.length >= fewest && (
          <p aria-live="polite" className="rounded-md border border-line bg-canvas px-3 py-2 font-medium">
            {sayRuleNow(tables, draft)}
          </p>
        )}
        {clashes.map((clash) => (
          <Notice key={sayRefusal(clash)} tone="error">
            <span className="min-w-0 flex-1">{sayRefusal(clash)}</span>
          </Notice>
        ))}
      </div>
    </Dialog>
  )
}

/** What may be changed of a rule: all but the cluster it is of. */
function withoutCluster({ clusterId: _, ...changes }: RuleInput) {
  return changes
}

/** Before a rule is forgotten. */
export function DeleteRule({ ruleId }: { ruleId: RuleId }) {
  const rule: Rule | undefined = useRow('rule', ruleId)
  const tables = useTables()
  if (!rule) return null
  return (
    <Confirm
      danger
      title={`Delete the rule ${rule.name}`}
      about={`It says: ${sayRuleNow(tables, rule)} Nothing moves because of its deletion.`}
      label="Delete rule"
      why="Optional; kept in the history."
      run={(reason) => act(`delete the rule ${rule.name}`, () => api.rule.delete.mutate({ ruleId, reason }))}
      onClose={closeDialog}
    />
  )
}
