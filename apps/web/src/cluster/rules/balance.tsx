import {
  type BalanceLevel,
  type BalanceSettings,
  balanceLevels,
  type Cluster,
  type ClusterId,
  defaultBalanceSettings,
  sayBalance,
} from '@drover/model'
import { useState } from 'react'
import { act } from '../../api/act'
import { api } from '../../api/client'
import { DraftDialog } from '../../draft/dialog'
import { DraftPanel } from '../../draft/panel'
import { useRow } from '../../replica/hooks'
import { Choices } from '../../ui/choices'
import { cx } from '../../ui/cx'
import { Field, Select } from '../../ui/field'
import { NumberField } from '../../ui/number-field'
import { budgetSettings, changesOf, numberSettings, settingsOf, textOf } from './balance-form'
import { aimWords, byWords, modeWords, withLevel } from './levels'
import { WindowsField, windowsProblem } from './windows'

/** How a cluster's load is evened out: how far by itself, to what end, how eagerly; with what that would do now. */
export function BalanceDialog({ clusterId }: { clusterId: ClusterId }) {
  const cluster: Cluster | undefined = useRow('cluster', clusterId)
  return cluster ? <Form cluster={cluster} /> : null
}

function Form({ cluster }: { cluster: Cluster }) {
  const before = cluster.balance ?? defaultBalanceSettings
  const [base, setBase] = useState<BalanceSettings>(before)
  const [typed, setTyped] = useState<Record<string, string>>({})
  const set = (part: Partial<BalanceSettings>) => setBase({ ...base, ...part })
  const next = windowsProblem(base.windows) ? null : settingsOf(base, typed)
  const changes = next ? changesOf(before, next) : {}
  const weightless = next && next.weights.cpu === 0 && next.weights.memory === 0
  const reasons = [
    ...(next ? [] : ['Mend the fields marked red first.']),
    ...(weightless ? ['Either CPU or memory has to count.'] : []),
    ...(next && Object.keys(changes).length === 0 ? ['Nothing is changed.'] : []),
  ]
  const numbers = (settings: typeof numberSettings) =>
    settings.map((setting) => (
      <NumberField
        key={setting.id}
        label={setting.label}
        spec={setting.spec}
        hint={setting.hint}
        text={typed[setting.id] ?? textOf(setting, base)}
        onText={(text) => setTyped({ ...typed, [setting.id]: text })}
      />
    ))

  function choose(level: BalanceLevel) {
    setBase(withLevel(base, level))
    setTyped(Object.fromEntries(Object.entries(typed).filter(([id]) => !isLevelled(id))))
  }

  return (
    <DraftDialog
      title={`Balance of ${cluster.name}`}
      sentence={next && sayBalance(next)}
      label="Save balance"
      reasons={reasons}
      save={(why) =>
        act(`change the balance of ${cluster.name}`, () =>
          api.cluster.changeBalance.mutate({ clusterId: cluster.id, changes, version: base.version, ...why }),
        )
      }
      draft={
        <DraftPanel
          cluster={cluster}
          rules={next && { balance: next }}
          name="balance, changed"
          about={(by) => by === 'balance'}
        />
      }
    >
      <section className="grid gap-1">
        <h3 className="font-medium text-text-2">Automation</h3>
        <Choices
          label="Automation"
          options={modeWords}
          chosen={base.mode}
          onChoose={(mode) => set({ mode })}
        />
        <p className="text-sm text-text-3">
          It goes for thresholds too, unless one says otherwise. A VM can be kept to less.
        </p>
      </section>
      <section className="grid gap-1">
        <h3 className="font-medium text-text-2">Aim</h3>
        <Choices label="Aim" options={aimWords} chosen={base.aim} onChoose={(aim) => set({ aim })} />
      </section>
      <section className="grid gap-1">
        <h3 className="font-medium text-text-2">Level</h3>
        <Levels chosen={next ? next.level : base.level} onChoose={choose} />
        {(next ?? base).level === null && (
          <p className="text-sm text-text-3">The figures were chosen one by one.</p>
        )}
      </section>
      <Field label="A VM counts for">
        <Select
          value={base.by}
          onChange={(event) => set({ by: event.target.value as BalanceSettings['by'] })}
        >
          {Object.entries(byWords).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </Select>
      </Field>
      <WindowsField
        label="When moves may be made by themselves"
        hint={base.windows.length === 0 ? 'Always.' : 'Outside of them moves are recommended.'}
        windows={base.windows}
        onChange={(windows) => set({ windows })}
      />
      <div className="grid gap-3 sm:grid-cols-2">{numbers(budgetSettings)}</div>
      <details>
        <summary className="link w-fit">The figures that the level stands for</summary>
        <div className="mt-2 grid gap-3 sm:grid-cols-2">{numbers(numberSettings)}</div>
      </details>
    </DraftDialog>
  )
}

const isLevelled = (id: string) => numberSettings.some((setting) => setting.id === id && setting.levelled)

/** Five levels from conservative to aggressive, each in words; none is chosen when the figures were set one by one. */
function Levels({
  chosen,
  onChoose,
}: {
  chosen: BalanceLevel | null
  onChoose: (level: BalanceLevel) => void
}) {
  return (
    <div role="radiogroup" aria-label="Level" className="grid">
      {([1, 2, 3, 4, 5] as const).map((level) => (
        <label
          key={level}
          className={cx(
            'grid grid-cols-[16px_20px_110px_1fr] items-baseline gap-x-2 border border-b-0 border-line px-2 py-1 first:rounded-t-md last:rounded-b-md last:border-b',
            chosen === level ? 'bg-selected' : 'hover:bg-hover',
          )}
        >
          <input
            type="radio"
            name="level"
            aria-label={`${level} ${balanceLevels[level].name}`}
            checked={chosen === level}
            onChange={() => onChoose(level)}
            className="accent-(--accent)"
          />
          <span className="num text-text-3">{level}</span>
          <span className="font-medium first-letter:uppercase">{balanceLevels[level].name}</span>
          <span className="text-sm text-text-2">{balanceLevels[level].text}</span>
        </label>
      ))}
    </div>
  )
}
