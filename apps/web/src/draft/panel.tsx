import { type Cluster, type LoadConflict, roleAllows } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { act } from '../api/act'
import { sayError } from '../api/errors'
import { useUser } from '../console/store'
import { useTables } from '../replica/hooks'
import { shadowOf } from '../replica/look'
import { Skeleton, Trouble } from '../ui/blank'
import { Button } from '../ui/button'
import { cx } from '../ui/cx'
import { Notice } from '../ui/notice'
import { askDraft, beginShadow, type DraftRules } from './ask'
import { BacktestPanel } from './backtest'
import { Verdict } from './verdict'

const settleMs = 350

/** The value as it was when it last stood still for a moment. */
function useSettled<T>(value: T, same: string): T {
  const [settled, setSettled] = useState({ value, same })
  useEffect(() => {
    if (settled.same === same) return
    const timer = setTimeout(() => setSettled({ value, same }), settleMs)
    return () => clearTimeout(timer)
  }, [value, same, settled.same])
  return settled.value
}

/** What a draft would do now, asked again while one types. */
export function useDraft(cluster: Cluster, rules: DraftRules | null) {
  const asked = useSettled(rules, JSON.stringify(rules))
  return useQuery({
    queryKey: ['draft', cluster.id, JSON.stringify(asked)],
    queryFn: () => askDraft(cluster.id, asked!),
    enabled: asked !== null,
    placeholderData: (before) => before,
    retry: false,
    staleTime: 0,
    gcTime: 0,
  })
}

/** Beside a form: what a draft would do now, and what it would have done over the recorded days, before it is switched on. */
export function DraftPanel({
  cluster,
  rules,
  name,
  about,
}: {
  cluster: Cluster
  /** Null: what was typed makes no rules yet. */
  rules: DraftRules | null
  name: string
  /** Rules whose proposals are this draft's own; others are shown after them. */
  about: (by: string) => boolean
}) {
  const [tab, setTab] = useState<'now' | 'backtest'>('now')
  const query = useDraft(cluster, rules)
  const answer = query.data
  return (
    <section
      aria-label="What it would do"
      className="grid min-w-0 content-start self-start rounded-md border border-line lg:sticky lg:top-0"
    >
      <div role="tablist" aria-label="What it would do" className="flex gap-4 border-b border-line px-3">
        {(
          [
            ['now', 'What it would do now'],
            ['backtest', 'Backtest'],
          ] as const
        ).map(([each, word]) => (
          <button
            key={each}
            type="button"
            role="tab"
            aria-selected={tab === each}
            onClick={() => setTab(each)}
            className={cx(
              '-mb-px h-8 border-b-2',
              tab === each ? 'border-accent font-medium' : 'border-transparent text-text-2 hover:text-text',
            )}
          >
            {word}
          </button>
        ))}
      </div>
      <div className="max-h-[52vh] overflow-y-auto p-3">
        {tab === 'backtest' ? (
          <BacktestPanel clusterId={cluster.id} rules={rules} />
        ) : rules === null ? (
          <p className="text-text-3">Mend the fields marked red; then what it would do is worked out here.</p>
        ) : query.isError ? (
          <Trouble title="It cannot be worked out" onRetry={() => void query.refetch()}>
            {sayError(query.error)}
          </Trouble>
        ) : !answer ? (
          <Skeleton rows={4} />
        ) : (
          <div className={cx('grid gap-2', query.isFetching && 'opacity-70')}>
            <p className="text-sm text-text-3">
              With the load as it is. Waiting times count as passed, and nothing is moved.
            </p>
            <Conflicts
              conflicts={answer.conflicts.filter(({ rules: involved }) =>
                involved.some(({ id }) => (id === 'balance' || id === 'power') && about(id)),
              )}
            />
            {answer.blocked && <p className="text-warning">{answer.blocked}</p>}
            <Verdict
              verdict={{
                proposals: answer.proposals.filter(({ by }) => about(by)),
                held: answer.held.filter(({ by }) => about(by)),
              }}
            />
            <Others count={answer.proposals.filter(({ by }) => !about(by)).length} />
          </div>
        )}
      </div>
      <ShadowFooter cluster={cluster} rules={rules} name={name} />
    </section>
  )
}

function Others({ count }: { count: number }) {
  if (count === 0) return null
  return (
    <p className="text-sm text-text-3">
      {count === 1 ? 'One other rule has' : `${count} other rules have`} something to propose as well.
    </p>
  )
}

/** Lets the draft decide beside the active rules for some days, moving nothing. */
function ShadowFooter({
  cluster,
  rules,
  name,
}: {
  cluster: Cluster
  rules: DraftRules | null
  name: string
}) {
  const { role } = useUser()
  const [busy, setBusy] = useState(false)
  const running = shadowOf(useTables(), cluster.id)
  if (!roleAllows(role, 'admin')) return null
  async function begin() {
    if (!rules || busy) return
    setBusy(true)
    await act('run it as a shadow', () => beginShadow(cluster.id, name, rules))
    setBusy(false)
  }
  return (
    <footer className="flex flex-wrap items-center gap-2 border-t border-line px-3 py-2">
      <span className="min-w-0 flex-1 text-sm text-text-3">
        {running
          ? `“${running.name}” runs as a shadow now; this one would take its place.`
          : 'As a shadow it decides beside the active rules, moves nothing, and tells each day what differed.'}
      </span>
      <Button
        busy={busy}
        reasons={rules ? [] : ['Mend the fields marked red first.']}
        onClick={() => void begin()}
      >
        Run as shadow
      </Button>
    </footer>
  )
}

/** What would clash, each with what resolves it; errors first. */
export function Conflicts({ conflicts }: { conflicts: readonly LoadConflict[] }) {
  return [...conflicts]
    .sort((a, b) => Number(b.level === 'error') - Number(a.level === 'error'))
    .map(({ level, text, remedy }) => (
      <Notice key={text} tone={level}>
        <span className="min-w-0 flex-1">
          {text} <span className="text-text-2">{remedy}</span>
        </span>
      </Notice>
    ))
}

/** The conflicts that keep something from being saved, as reasons of its button. */
export function reasonsOf(conflicts: readonly LoadConflict[]): string[] {
  return conflicts.filter(({ level }) => level === 'error').map(({ text, remedy }) => `${text} ${remedy}`)
}
