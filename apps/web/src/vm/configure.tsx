import { defaultVmHa, roleAllows, type Vm, type VmHa, type VmId } from '@drover/model'
import { useState } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { isolationWords } from '../cluster/ha/fields'
import { useUser } from '../console/store'
import { useRow } from '../replica/hooks'
import { useStanding } from '../replica/standing'
import { Button } from '../ui/button'
import { Panel } from '../ui/facts'
import { Check, Field, Input, Select } from '../ui/field'

export const restartWords: Record<VmHa['restart'], { label: string; means: string }> = {
  protected: { label: 'protected', means: 'Restarted when it is lost, and capacity is kept free for it.' },
  bestEffort: { label: 'best effort', means: 'Restarted where there is room.' },
  none: { label: 'left alone', means: 'Never restarted; somebody has to start it.' },
}

interface Texts {
  restart: VmHa['restart']
  tier: string
  ready: string
  isolation: string
  sameHost: string
  otherHosts: string
  failback: boolean
  evacuate: 'move' | 'stop'
}

function textsOf(ha: VmHa): Texts {
  return {
    restart: ha.restart,
    tier: String(ha.tier),
    ready: String(ha.readyMs / 1_000),
    isolation: ha.isolation ?? '',
    sameHost: String(ha.retries.sameHost),
    otherHosts: String(ha.retries.otherHosts),
    failback: ha.failback,
    evacuate: ha.evacuate ?? 'move',
  }
}

const wholeProblem = (text: string, max: number) =>
  /^\d+$/.test(text.trim()) && Number(text) <= max ? null : `A whole number from 0 to ${max}.`

function haOf(texts: Texts): VmHa {
  return {
    restart: texts.restart,
    tier: Number(texts.tier) as VmHa['tier'],
    readyMs: Math.round(Number(texts.ready.replace(',', '.')) * 1_000),
    isolation: (texts.isolation || null) as VmHa['isolation'],
    retries: { sameHost: Number(texts.sameHost), otherHosts: Number(texts.otherHosts) },
    failback: texts.failback,
    evacuate: texts.evacuate,
  }
}

/** How a VM is looked after when its host or itself fails. */
export function VmConfigure({ id }: { id: VmId }) {
  const vm: Vm | undefined = useRow('vm', id)
  if (!vm) return null
  return (
    <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4">
      <HaForm key={vm.id} vm={vm} />
    </div>
  )
}

function HaForm({ vm }: { vm: Vm }) {
  const { role } = useUser()
  const standing = useStanding()
  const cluster = useRow('cluster', vm.clusterId)
  const now = textsOf(vm.ha)
  const [typed, setTyped] = useState<Partial<Texts>>({})
  const [busy, setBusy] = useState(false)
  const texts = { ...now, ...typed }
  const may = roleAllows(role, 'operator')
  const seconds = Number(texts.ready.replace(',', '.'))
  const problems = {
    ready: texts.ready.trim() !== '' && seconds >= 0 && seconds <= 3_600 ? null : 'A number from 0 to 3600.',
    sameHost: wholeProblem(texts.sameHost, 20),
    otherHosts: wholeProblem(texts.otherHosts, 20),
  }
  const wrong = Object.values(problems).some(Boolean)
  const changed = wrong || JSON.stringify(texts) !== JSON.stringify(now)
  const set = (part: Partial<Texts>) => setTyped({ ...typed, ...part })
  const idle = texts.restart === 'none'

  async function save() {
    if (busy || wrong || !changed || standing) return
    setBusy(true)
    const done = await act(`change how ${vm.name} is looked after`, () =>
      api.vm.changeHa.mutate({ vmId: vm.id, ha: haOf(texts) }),
    )
    setBusy(false)
    if (done) setTyped({})
  }

  return (
    <Panel title="High availability" aside={may ? undefined : 'changed by operators'}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <fieldset disabled={!may} className="grid max-w-[860px] gap-x-8 gap-y-4 p-3 lg:grid-cols-2">
          <Field label="When it is lost" hint={restartWords[texts.restart].means}>
            <Select
              value={texts.restart}
              onChange={(event) => set({ restart: event.target.value as VmHa['restart'] })}
            >
              {Object.entries(restartWords).map(([value, { label }]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          </Field>
          <Field
            label="Tier"
            hint={`1 starts first, 5 last; a tier starts when the one before it is ready. Default: ${defaultVmHa.tier}.`}
          >
            <Select
              disabled={idle || !may}
              value={texts.tier}
              onChange={(event) => set({ tier: event.target.value })}
            >
              {['1', '2', '3', '4', '5'].map((tier) => (
                <option key={tier} value={tier}>
                  {tier}
                  {tier === '1' ? ', first' : tier === '5' ? ', last' : ''}
                </option>
              ))}
            </Select>
          </Field>
          <Field
            label="Ready"
            hint={`Counts as ready this long after it runs; the next tier waits for that. Default: ${defaultVmHa.readyMs / 1_000} s.`}
            error={problems.ready}
          >
            <Input
              narrow
              inputMode="decimal"
              unit="s"
              value={texts.ready}
              onChange={(event) => set({ ready: event.target.value })}
            />
          </Field>
          <Field
            label="When its host is cut off, but it runs"
            hint={`Default: as its cluster says${cluster ? ` (${isolationWords[cluster.ha.isolationResponse].replace('them', 'it')})` : ''}.`}
          >
            <Select value={texts.isolation} onChange={(event) => set({ isolation: event.target.value })}>
              <option value="">as its cluster says</option>
              <option value="leave">leave it running</option>
              <option value="shutdown">shut it down</option>
              <option value="powerOff">power it off</option>
            </Select>
          </Field>
          <Field
            label="Failed starts on one host"
            hint={`Then another host is tried. Default: ${defaultVmHa.retries.sameHost}.`}
            error={problems.sameHost}
          >
            <Input
              narrow
              inputMode="numeric"
              unit="times"
              value={texts.sameHost}
              onChange={(event) => set({ sameHost: event.target.value })}
            />
          </Field>
          <Field
            label="Other hosts tried"
            hint={`Then it is given up as an error. Default: ${defaultVmHa.retries.otherHosts}.`}
            error={problems.otherHosts}
          >
            <Input
              narrow
              inputMode="numeric"
              unit="hosts"
              value={texts.otherHosts}
              onChange={(event) => set({ otherHosts: event.target.value })}
            />
          </Field>
          <Field label="When its host is emptied" hint="For maintenance. Default: move it away.">
            <Select
              value={texts.evacuate}
              onChange={(event) => set({ evacuate: event.target.value as Texts['evacuate'] })}
            >
              <option value="move">move it away</option>
              <option value="stop">shut it down, and start it when the host is back</option>
            </Select>
          </Field>
          <Check
            className="self-center"
            label="Goes back"
            hint="Moves back to the host that a rule prefers, or that it was taken from, when that is there again."
            checked={texts.failback}
            onChange={(event) => set({ failback: event.target.checked })}
          />
        </fieldset>
        {may && changed && (
          <footer className="flex items-center gap-2 border-t border-line px-3 py-2">
            <span className="flex-1 text-text-2" role="status">
              Changed, not saved.
            </span>
            <Button onClick={() => setTyped({})}>Discard</Button>
            <Button
              look="primary"
              type="submit"
              busy={busy}
              reasons={[
                ...(standing ? [standing] : []),
                ...(wrong ? ['Mend the fields marked red first.'] : []),
              ]}
            >
              Save
            </Button>
          </footer>
        )}
      </form>
    </Panel>
  )
}
