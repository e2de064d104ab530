import type {
  DecisionReplay,
  LoadDecision,
  LoadPicture,
  LoadProposal,
  LoadRules,
  LoadVerdict,
  ReplaySide,
} from '@drover/model'
import type { JudgeJob } from '@drover/planner'
import type { Asked } from './asked'
import { type DecisionInputs, unpackInputs } from './inputs'

/**
 * A decision made again from its own inputs, under the rules that it was made by, or under others, and what comes out
 * differently, in words. Null where its inputs were not kept.
 */
export function askReplay(decision: LoadDecision, rules?: LoadRules): Asked<JudgeJob, DecisionReplay | null> {
  const inputs = unpackInputs(decision.inputs)
  if (!inputs) return { job: null, answer: () => null }
  const { picture } = inputs
  const asked = rules ?? inputs.rules
  const memory = withHold(inputs, asked)
  return {
    job: { kind: 'judge', picture, rules: asked, memory, holdPassed: false, watchOnly: false, budgetMs },
    answer: (result) => {
      if (!result) return null
      const { verdict } = result
      const then = recorded(decision)
      const now = sideOf(picture, asked, verdict, decision.by.id, decision.automatic)
      return { then, now, differences: differences(decision, then, now, picture, verdict, asked) }
    },
  }
}

/** What was cut short is another answer: it gets much longer than the decision did. */
const budgetMs = 30_000

/** Rules that are new count as if their hold time had passed: nobody could have counted for them then. */
function withHold({ picture, rules, memory }: DecisionInputs, asked: LoadRules): DecisionInputs['memory'] {
  const aboveSince = { ...memory.aboveSince }
  for (const threshold of asked.thresholds) {
    const before = rules.thresholds.find(({ id }) => id === threshold.id)
    const { metric, above } = threshold
    if (before && before.metric === metric && before.above === above) continue
    aboveSince[threshold.id] = Object.fromEntries(
      picture.hosts.map(({ id }) => [id, picture.at - threshold.forMs]),
    )
  }
  const sameBalance = rules.balance.version === asked.balance.version
  return {
    ...memory,
    aboveSince,
    unevenSince: sameBalance ? memory.unevenSince : (memory.unevenSince ?? picture.at - asked.balance.holdMs),
  }
}

function recorded(decision: LoadDecision): ReplaySide {
  const { text, moves, power, before, after } = decision
  return {
    text,
    moves: moves.map(({ vm, source, target, text: why }) => ({
      vm: vm.name,
      source: source.name,
      target: target.name,
      text: why,
    })),
    sleep: power.filter(({ act }) => act === 'sleep').map(({ host }) => host.name),
    wake: power.filter(({ act }) => act === 'wake').map(({ host }) => host.name),
    held: [],
    before,
    after,
  }
}

function sideOf(
  picture: LoadPicture,
  rules: LoadRules,
  { proposals, held }: LoadVerdict,
  by: string,
  automatic: boolean,
): ReplaySide {
  const own = proposals.filter((one) => one.by === by)
  const proposal: LoadProposal | undefined = own.find((one) => one.automatic === automatic) ?? own[0]
  const waits = held.filter((one) => one.by === by).map(({ text }) => text)
  const host = (i: number) => picture.hosts[i]!.name
  const score = proposals[0]?.before ?? { cpu: 0, memory: 0, overloaded: [], watts: 0 }
  if (!proposal)
    return {
      text: waits[0] ?? (isThere(rules, by) ? 'Nothing would be done.' : 'The rule is not among these.'),
      moves: [],
      sleep: [],
      wake: [],
      held: waits,
      before: score,
      after: score,
    }
  return {
    text: proposal.text,
    moves: proposal.moves.map(({ vm, from, to, text }) => ({
      vm: picture.vms[vm]!.name,
      source: host(from),
      target: host(to),
      text,
    })),
    sleep: proposal.sleep.map((one) => host(one.host)),
    wake: proposal.wake.map((one) => host(one.host)),
    held: waits,
    before: proposal.before,
    after: proposal.after,
  }
}

function isThere({ thresholds }: LoadRules, by: string): boolean {
  return by === 'balance' || by === 'power' || thresholds.some(({ id }) => id === by)
}

function differences(
  { by, automatic, state }: LoadDecision,
  then: ReplaySide,
  now: ReplaySide,
  picture: LoadPicture,
  verdict: LoadVerdict,
  rules: LoadRules,
): string[] {
  const found: string[] = []
  const key = ({ vm, target }: ReplaySide['moves'][number]) => `${vm} to ${target}`
  const before = new Set(then.moves.map(key))
  const after = new Set(now.moves.map(key))
  for (const move of then.moves)
    if (!after.has(key(move))) {
      const other = now.moves.find(({ vm }) => vm === move.vm)
      found.push(
        other
          ? `${move.vm} would go to ${other.target} instead of ${move.target}.`
          : `${move.vm} would stay on ${move.source}; it was moved to ${move.target}.`,
      )
    }
  for (const move of now.moves)
    if (!before.has(key(move)) && !then.moves.some(({ vm }) => vm === move.vm))
      found.push(`${move.vm} would go from ${move.source} to ${move.target}; it stayed.`)
  for (const [act, one, other] of [
    ['put to sleep', then.sleep, now.sleep],
    ['woken', then.wake, now.wake],
  ] as const) {
    for (const host of one) if (!other.includes(host)) found.push(`${host} would not be ${act}.`)
    for (const host of other) if (!one.includes(host)) found.push(`${host} would be ${act} as well.`)
  }
  if (now.moves.length + now.sleep.length + now.wake.length === 0 && found.length > 0) found.unshift(now.text)
  const own = verdict.proposals.find((one) => one.by === by.id)
  if (own && own.automatic !== automatic && state !== 'dismissed')
    found.push(own.automatic ? 'It would be done without asking.' : 'It would only be recommended.')
  for (const proposal of verdict.proposals) {
    if (proposal.by === by.id || proposal.moves.length === 0) continue
    // The others decided then as well; only a rule that is new, or was changed, is news.
    const rule = rules.thresholds.find(({ id }) => id === proposal.by)
    if (!rule) continue
    const names = proposal.moves.map(({ vm }) => picture.vms[vm]!.name)
    if (names.some((name) => then.moves.some(({ vm }) => vm === name)))
      found.push(`"${rule.name}" would move ${names.join(', ')} before it.`)
  }
  return found
}
