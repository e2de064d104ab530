import { type LoadDecision, roleAllows, sayCount, sayList } from '@drover/model'
import { useMemo, useRef, useState } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { openDialog, useUser } from '../console/store'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useStanding } from '../replica/standing'
import { Button } from '../ui/button'
import { State } from '../ui/state'
import { Ago } from '../ui/time'
import { MovesTable } from './moves'
import { DecisionPicture } from './picture'
import { PowerActs } from './power'
import { Scores } from './scores'
import { decisionShown, sayCost } from './state'

/** One open decision with all that one needs to say yes or no: why, what gets better, what it costs, what it looks like. */
export function RecommendationCard({
  decision,
  after,
}: {
  decision: LoadDecision
  /** Those that come before it, and that it counts on. */
  after: readonly LoadDecision[]
}) {
  const { role } = useUser()
  const standing = useStanding()
  const may = roleAllows(role, 'operator')
  const open = decision.state === 'open'
  const all = useMemo(() => new Set(decision.moves.map((_, i) => i)), [decision.moves])
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set())
  const [busy, setBusy] = useState(false)
  const card = useRef<HTMLElement>(null)
  const chosen = useMemo(() => new Set([...all].filter((i) => !left.has(i))), [all, left])
  const some = left.size > 0 && chosen.size < all.size
  const reasons = [
    ...(standing ? [standing] : []),
    ...(all.size > 0 && chosen.size === 0 ? ['Tick at least one move.'] : []),
  ]

  async function apply() {
    if (busy || reasons.length > 0) return
    setBusy(true)
    const begun = await act(`apply the recommendation of ${decision.by.name}`, () =>
      api.decision.carryOut.mutate({
        decisionId: decision.id,
        ...(some ? { moves: [...chosen].sort((a, b) => a - b) } : {}),
      }),
    )
    setBusy(false)
    // The button goes with the question; whoever pressed it by key stays here.
    if (begun) card.current?.focus()
  }

  return (
    <section
      ref={card}
      tabIndex={-1}
      className="panel min-w-0"
      aria-label={`Recommendation of ${decision.by.name}`}
    >
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5">
        <State {...decisionShown[decision.state]} />
        <h2 className="font-medium">{decision.by.name}</h2>
        <span className="text-text-3">
          <Ago at={decision.at} />
        </span>
        <Link href={paths.decision(decision.id)}>Its record</Link>
        <span className="flex-1" />
        {may && open && (
          <>
            <Button
              look="ghost"
              reasons={standing ? [standing] : []}
              onClick={() => openDialog({ kind: 'dismiss', decisionId: decision.id })}
            >
              Dismiss…
            </Button>
            <Button look="primary" busy={busy} reasons={reasons} onClick={() => void apply()}>
              {some ? `Apply ${sayCount(chosen.size, 'move')}` : applyWords(decision)}
            </Button>
          </>
        )}
      </header>
      <div className="grid gap-3 p-3">
        <p>
          {decision.text}
          {open && after.length > 0 && (
            <span className="block text-text-3">
              Worked out as if {sayList(after.map(({ by }) => `“${by.name}”`))} above had been applied.
            </span>
          )}
        </p>
        <div className="flex flex-wrap items-end gap-x-8 gap-y-2">
          <Scores before={decision.before} after={decision.after} />
          {decision.moves.length > 0 && (
            <div>
              <div className="text-sm text-text-3">Cost</div>
              <div className="num">
                {sayCount(some ? chosen.size : decision.moves.length, 'move')},{' '}
                {sayCost(some ? decision.moves.filter((_, i) => chosen.has(i)) : decision.moves)}
              </div>
            </div>
          )}
        </div>
        <DecisionPicture decision={decision} />
      </div>
      <PowerActs power={decision.power} />
      {decision.moves.length > 0 && (
        <div className="border-t border-line">
          <MovesTable
            moves={decision.moves}
            {...(may && open && decision.moves.length > 1
              ? {
                  chosen,
                  onChosen: (next: Set<number>) => setLeft(new Set([...all].filter((i) => !next.has(i)))),
                }
              : {})}
          />
        </div>
      )}
    </section>
  )
}

function applyWords({ moves, power }: LoadDecision): string {
  if (moves.length > 2) return `Apply all ${moves.length} moves`
  if (moves.length === 2) return 'Apply both moves'
  if (moves.length === 1) return 'Apply the move'
  return power.length > 0 && power.every(({ act: what }) => what === 'wake') ? 'Wake' : 'Apply'
}
