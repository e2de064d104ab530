import type { DecisionReplay, LoadDecision, ReplaySide } from '@drover/model'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { RotateCcw } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { Skeleton, Trouble } from '../ui/blank'
import { Button } from '../ui/button'
import { Panel } from '../ui/facts'
import { Scores } from './scores'

/** What the rules of today would make of what this decision was made from, and in what that differs. */
export function ReplayPanel({ decision }: { decision: LoadDecision }) {
  const [asked, setAsked] = useState(false)
  const outcome = useRef<HTMLDivElement>(null)
  // The button that asked is gone with the answer.
  useEffect(() => {
    if (asked) outcome.current?.focus()
  }, [asked])
  const query = useQuery({
    queryKey: ['replay', decision.id],
    queryFn: () => api.decision.replay.query({ decisionId: decision.id, rules: {} }),
    enabled: asked,
    staleTime: 0,
    retry: false,
  })
  const answer = query.data
  return (
    <Panel
      title="Replay under today’s rules"
      className="xl:col-span-2"
      aside={
        answer && (
          <button type="button" className="link" onClick={() => void query.refetch()}>
            Again
          </button>
        )
      }
    >
      {!asked ? (
        <div className="flex flex-wrap items-center gap-3 p-3">
          <p className="min-w-0 flex-1 text-text-2">
            The same load, the same demand, the rules as they are now: what would be decided? Nothing moves.
          </p>
          <Button icon={RotateCcw} onClick={() => setAsked(true)}>
            Replay
          </Button>
        </div>
      ) : (
        <div ref={outcome} tabIndex={-1} className="outline-none">
          <Outcome query={query} />
        </div>
      )}
    </Panel>
  )
}

function Outcome({ query }: { query: UseQueryResult<DecisionReplay> }) {
  const answer = query.data
  if (query.isError)
    return (
      <Trouble title="It cannot be replayed" onRetry={() => void query.refetch()}>
        {sayError(query.error)}
      </Trouble>
    )
  if (!answer) return <Skeleton rows={3} />
  return (
    <div className="grid gap-3 p-3">
      {answer.differences.length === 0 ? (
        <p className="font-medium" role="status">
          Today’s rules decide the same.
        </p>
      ) : (
        <div role="status">
          <p className="font-medium">Today’s rules decide otherwise:</p>
          <ul className="list-disc pl-5">
            {answer.differences.map((text: string) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </div>
      )}
      <div className="grid gap-4 lg:grid-cols-2">
        <section aria-label="Then">
          <h3 className="mb-1 text-sm font-medium text-text-3">Then</h3>
          <Side side={answer.then} />
        </section>
        <section aria-label="Today">
          <h3 className="mb-1 text-sm font-medium text-text-3">Under today’s rules</h3>
          <Side side={answer.now} />
        </section>
      </div>
    </div>
  )
}

/** What was, or would be, decided from the same inputs. */
function Side({ side }: { side: ReplaySide }) {
  const nothing = side.moves.length + side.sleep.length + side.wake.length === 0
  return (
    <div className="grid gap-2 rounded-md border border-line bg-canvas px-3 py-2">
      <p>{side.text}</p>
      <Scores before={side.before} after={side.after} />
      <ul>
        {side.moves.map((move) => (
          <li key={`${move.vm} ${move.source} ${move.target}`} title={move.text}>
            <span className="font-medium">{move.vm}</span>{' '}
            <span className="text-text-2">
              {move.source} → {move.target}
            </span>
          </li>
        ))}
        {side.wake.map((name) => (
          <li key={name}>
            wake <span className="font-medium">{name}</span>
          </li>
        ))}
        {side.sleep.map((name) => (
          <li key={name}>
            put <span className="font-medium">{name}</span> to sleep
          </li>
        ))}
        {nothing && <li className="text-text-3">Nothing is moved.</li>}
      </ul>
      {side.held.map((text) => (
        <p key={text} className="text-sm text-text-3">
          Held back: {text}
        </p>
      ))}
    </div>
  )
}
