import { type LoadAdvice, type LoadDraft, sayCount } from '@drover/model'
import { sayCost } from '../decision/state'
import { Mark } from '../ui/state'

/** What a set of rules decides, in short: each proposal with why, its moves and its hosts; then what it holds back. */
export function Verdict({
  verdict: { proposals, held },
}: {
  verdict: Pick<LoadDraft, 'proposals' | 'held'>
}) {
  return (
    <div className="grid gap-2">
      {proposals.length === 0 && <p className="text-text-2">Nothing is moved, put to sleep or woken.</p>}
      {proposals.map((proposal) => (
        <Proposal key={proposal.by} proposal={proposal} />
      ))}
      {held.length > 0 && (
        <div>
          <h4 className="text-sm text-text-3">Held back</h4>
          <ul className="grid gap-0.5">
            {held.map(({ by, text }) => (
              <li key={`${by} ${text}`} className="text-text-2">
                {text}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}

const mostLines = 12

function Proposal({ proposal }: { proposal: LoadAdvice }) {
  const { moves, sleep, wake } = proposal
  return (
    <section className="rounded-md border border-line bg-canvas px-2 py-1.5" aria-label="Proposal">
      <p>{proposal.text}</p>
      {moves.length > 0 && (
        <>
          <p className="num mt-1 text-text-2">
            {sayCount(moves.length, 'move')}, {sayCost(moves)}
          </p>
          <ul className="mt-0.5 grid">
            {moves.slice(0, mostLines).map((move, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: moves of a plan keep their places
              <li key={i} className="truncate" title={move.text}>
                <span className="font-medium">{move.vm.name}</span>{' '}
                <span className="text-text-2">
                  {move.source.name} → {move.target.name}
                </span>
              </li>
            ))}
            {moves.length > mostLines && (
              <li className="text-text-3">and {sayCount(moves.length - mostLines, 'more move')}</li>
            )}
          </ul>
        </>
      )}
      {[
        ...wake.map((each) => ({ ...each, tone: 'ok', word: 'wake' }) as const),
        ...sleep.map((each) => ({ ...each, tone: 'standby', word: 'sleep' }) as const),
      ].map(({ host, text, tone, word }) => (
        <p key={`${word} ${host.id}`} className="flex items-baseline gap-1.5">
          <Mark tone={tone} label={word} />
          <span>
            <span className="font-medium">{host.name}</span> <span className="text-text-2">{text}</span>
          </span>
        </p>
      ))}
    </section>
  )
}
