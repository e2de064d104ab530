import {
  type Cluster,
  type ClusterId,
  type HostId,
  type LoadMetric,
  metricWords,
  type ThresholdId,
  type ThresholdRule,
} from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useMemo, useState } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { WindowsField, windowsProblem } from '../cluster/rules/windows'
import { closeDialog } from '../console/store'
import { DraftDialog } from '../draft/dialog'
import { Conflicts, DraftPanel, reasonsOf } from '../draft/panel'
import { isDrafted, withThreshold } from '../draft/rules'
import { useRow, useTables } from '../replica/hooks'
import { hostsByCluster, thresholdsIn, vmsByCluster } from '../replica/look'
import { Picker } from '../rule/picker'
import { now } from '../ui/clock'
import { Confirm } from '../ui/confirm'
import { Check, Field, Input, Select } from '../ui/field'
import { NumberField } from '../ui/number-field'
import { inputOf, specOf, specs, type Texts, textsOf, untilProblem, withMetric } from './form'
import { sayThresholdNow } from './words'

/** Writes a threshold: the sentence it makes, what it clashes with and what it would do now stand beside it while one types. */
export function ThresholdDialog({
  clusterId,
  thresholdId,
}: {
  clusterId: ClusterId
  thresholdId?: ThresholdId
}) {
  const cluster: Cluster | undefined = useRow('cluster', clusterId)
  const rule: ThresholdRule | undefined = useRow('threshold', thresholdId)
  if (!cluster || (thresholdId && !rule)) return null
  return <Form key={thresholdId ?? 'new'} cluster={cluster} rule={rule} />
}

function Form({ cluster, rule }: { cluster: Cluster; rule: ThresholdRule | undefined }) {
  const tables = useTables()
  const [texts, setTexts] = useState<Texts>(() => textsOf(rule))
  const [opened] = useState(now)
  // What somebody else saves meanwhile is not to be overwritten unseen.
  const [version] = useState(rule?.version)
  const set = (part: Partial<Texts>) => setTexts({ ...texts, ...part })
  const spec = specOf(texts.metric)
  const input = windowsProblem(texts.windows) || untilProblem(texts) ? null : inputOf(cluster.id, texts)
  const tags = useMemo(
    () => [...new Set((vmsByCluster(tables).get(cluster.id) ?? []).flatMap((vm) => vm.tags))].sort(),
    [tables, cluster.id],
  )
  const asked = useDeferredValue(input ? JSON.stringify({ ...input, name: input.name || 'new rule' }) : null)
  const query = useQuery({
    queryKey: ['threshold conflicts', rule?.id, asked],
    queryFn: () =>
      api.threshold.conflicts.query({ ...JSON.parse(asked!), ...(rule ? { thresholdId: rule.id } : {}) }),
    enabled: asked !== null,
    placeholderData: (before) => before,
    retry: false,
  })
  const conflicts = input ? (query.data?.conflicts ?? []) : []
  const reasons = [
    ...(texts.name.trim() === '' ? ['Give it a name.'] : []),
    ...(input ? [] : ['Mend the fields marked red first.']),
    ...reasonsOf(conflicts),
  ]
  const draft = input
    ? { thresholds: withThreshold(thresholdsIn(tables, cluster.id), input, rule, opened) }
    : null

  const save = (why: { reason?: string }) => {
    const { clusterId: _, ...changes } = input!
    return act(`${rule ? 'change' : 'make'} the rule ${input!.name}`, () =>
      rule
        ? api.threshold.change.mutate({ thresholdId: rule.id, changes, version, ...why })
        : api.threshold.create.mutate({ ...input!, ...why }),
    )
  }

  return (
    <DraftDialog
      title={rule ? `Change the threshold ${rule.name}` : `New threshold for ${cluster.name}`}
      sentence={input && sayThresholdNow(tables, input)}
      label={rule ? 'Save threshold' : 'Make threshold'}
      reasons={reasons}
      save={save}
      draft={
        <DraftPanel
          cluster={cluster}
          rules={draft}
          name={texts.name.trim() || 'new threshold'}
          about={(by) => (rule ? by === rule.id : isDrafted(by))}
        />
      }
    >
      <Conflicts conflicts={conflicts} />
      <Field label="Name">
        <Input value={texts.name} maxLength={80} onChange={(event) => set({ name: event.target.value })} />
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field
          label="What"
          hint={texts.metric === 'pressure' ? 'The time in which it wanted to run and could not.' : undefined}
        >
          <Select
            value={texts.metric}
            onChange={(event) => setTexts(withMetric(texts, event.target.value as LoadMetric))}
          >
            {Object.entries(metricWords).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </Select>
        </Field>
        <NumberField label="Is above" spec={spec} text={texts.above} onText={(above) => set({ above })} />
        <NumberField
          label="For"
          spec={specs.for}
          text={texts.forMinutes}
          onText={(forMinutes) => set({ forMinutes })}
          hint="Spikes that are shorter move nothing."
        />
        <NumberField
          label="Move VMs away until under"
          spec={spec}
          text={texts.until}
          onText={(until) => set({ until })}
          error={untilProblem(texts)}
        />
      </div>
      <Field
        label="Automation"
        hint={
          cluster.balance && cluster.balance.mode !== 'off'
            ? `The cluster says ${cluster.balance.mode}.`
            : 'The automation of the cluster is off: nothing is looked at until it is switched on.'
        }
      >
        <Select
          value={texts.automation}
          onChange={(event) => set({ automation: event.target.value as Texts['automation'] })}
        >
          <option value="cluster">as the cluster says</option>
          <option value="manual">recommend only</option>
          <option value="full">move by itself</option>
        </Select>
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <Picker
          label="Hosts that are watched"
          hint="None: all of the cluster."
          options={hostsByCluster(tables).get(cluster.id) ?? []}
          chosen={texts.hostIds}
          onChange={(ids) => set({ hostIds: ids as HostId[] })}
        />
        <Picker
          label="VMs that may be moved, by tag"
          hint="None: all VMs."
          options={tags.map((tag) => ({ id: tag, name: tag }))}
          chosen={texts.tags}
          onChange={(next) => set({ tags: next })}
        />
      </div>
      <WindowsField
        label="When it counts"
        hint={texts.windows.length === 0 ? 'Always.' : 'Outside of them it moves nothing.'}
        windows={texts.windows}
        onChange={(windows) => set({ windows })}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <NumberField
          label="A moved VM rests for"
          spec={specs.cooldown}
          text={texts.cooldown}
          onText={(cooldown) => set({ cooldown })}
        />
        <NumberField
          label="A move takes away at least"
          spec={specs.gain}
          text={texts.gain}
          onText={(gain) => set({ gain })}
          hint="Of what is above."
        />
        <NumberField
          label="Moves an hour"
          spec={specs.moves}
          text={texts.moves}
          onText={(moves) => set({ moves })}
        />
        <NumberField
          label="Memory carried an hour"
          spec={specs.bytes}
          text={texts.bytes}
          onText={(bytes) => set({ bytes })}
        />
      </div>
      <Check
        label="In use"
        checked={texts.enabled}
        onChange={(event) => set({ enabled: event.target.checked })}
      />
    </DraftDialog>
  )
}

/** Before a threshold is forgotten. */
export function DeleteThreshold({ thresholdId }: { thresholdId: ThresholdId }) {
  const rule: ThresholdRule | undefined = useRow('threshold', thresholdId)
  const tables = useTables()
  if (!rule) return null
  return (
    <Confirm
      danger
      title={`Delete the threshold ${rule.name}`}
      about={`It says: ${sayThresholdNow(tables, rule)} What it has recommended is withdrawn; its past decisions are kept.`}
      label="Delete threshold"
      why="Optional; kept in the history."
      run={(reason) =>
        act(`delete the threshold ${rule.name}`, () =>
          api.threshold.delete.mutate({ thresholdId, ...(reason ? { reason } : {}) }),
        )
      }
      onClose={closeDialog}
    />
  )
}
