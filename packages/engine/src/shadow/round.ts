import type { LoadMemory, LoadPicture, LoadProposal, LoadVerdict, ShadowDay, ShadowSet } from '@drover/model'

/** Days that a shadow's row tells of, differences in words of a day, and what is remembered of it to count nothing twice. */
const mostDays = 60
const mostDifferences = 20
const mostCounted = 1_000

/** What the shadow sees: the world as it is, and VMs that it would have moved lately as moved lately. */
export function shadowPicture(picture: LoadPicture, memory: LoadMemory): LoadPicture {
  const moved = new Map<string, number>()
  for (const { vmId, at } of memory.moves) moved.set(vmId, Math.max(at, moved.get(vmId) ?? 0))
  if (moved.size === 0) return picture
  const vms = picture.vms.map((vm) => {
    const at = moved.get(vm.id)
    return at === undefined ? vm : { ...vm, movedAt: Math.max(at, vm.movedAt ?? 0) }
  })
  return { ...picture, vms }
}

/**
 * What a round comes to: what both sets of rules want done, counted once a day each, and what only one of them wants. `changed`:
 * anything else than that there was a round.
 */
export function shadowRound(
  { memory: before, days }: Pick<ShadowSet, 'memory' | 'days'>,
  picture: LoadPicture,
  verdicts: { shadow: LoadVerdict; active: LoadVerdict },
): Pick<ShadowSet, 'memory' | 'days'> & { changed: boolean } {
  const { at } = picture
  const name = new Date(at).toISOString().slice(0, 10)
  const today = copyOf(days.at(-1)?.day === name ? days.at(-1)! : newDay(name))
  today.rounds += 1
  const counted = new Set(today.counted)
  const known = counted.size
  const wanted = { shadow: actsOf(picture, verdicts.shadow), active: actsOf(picture, verdicts.active) }
  const memory = { ...verdicts.shadow.memory, moves: [...verdicts.shadow.memory.moves] }
  for (const side of ['shadow', 'active'] as const) {
    const other = wanted[side === 'shadow' ? 'active' : 'shadow']
    const fresh = new Set<LoadProposal>()
    for (const [key, act] of wanted[side]) {
      if (side === 'shadow' && act.vmId)
        memory.moves.push({ vmId: act.vmId, at, bytes: act.bytes, by: act.proposal.by })
      if (counted.has(`${side} ${key}`)) continue
      counted.add(`${side} ${key}`)
      fresh.add(act.proposal)
      today[side][act.kind] += 1
      today[side].bytes += act.bytes
      if (other.has(key) || counted.has(`${side === 'shadow' ? 'active' : 'shadow'} ${key}`)) continue
      if (today.differences.length < mostDifferences)
        today.differences.push(
          `Only ${side === 'shadow' ? `the shadow would` : 'the active rules'} ${act.text[side]}.`,
        )
    }
    today[side].proposals += fresh.size
  }
  // Recommendations that stand are not made again; what counts as done begins its hold time anew.
  if (wanted.shadow.size > 0) {
    memory.unevenSince = null
    memory.lowSince = null
  }
  today.counted = [...counted].slice(-mostCounted)
  const kept = days.filter(({ day }) => day !== name).map(({ counted: _, ...day }) => day)
  const changed = counted.size !== known || memoryOf(memory) !== memoryOf(before)
  return { memory, days: [...kept, today].slice(-mostDays), changed }
}

function memoryOf({ unevenSince, lowSince, aboveSince }: LoadMemory): string {
  return JSON.stringify([unevenSince, lowSince, aboveSince])
}

interface Act {
  kind: 'moves' | 'sleeps' | 'wakes'
  proposal: LoadProposal
  vmId: string | null
  bytes: number
  text: { shadow: string; active: string }
}

/** What a verdict would do, by what is done to whom. */
function actsOf({ hosts, vms }: LoadPicture, { proposals }: LoadVerdict): Map<string, Act> {
  const acts = new Map<string, Act>()
  for (const proposal of proposals) {
    for (const { vm, from, to, bytes } of proposal.moves) {
      const where = `${vms[vm]!.name} from ${hosts[from]!.name} to ${hosts[to]!.name}`
      const text = { shadow: `move ${where}`, active: `moved ${where}, or would have` }
      acts.set(`move ${vms[vm]!.id}`, { kind: 'moves', proposal, vmId: vms[vm]!.id, bytes, text })
    }
    for (const [kind, list, shadow, active] of [
      ['sleeps', proposal.sleep, 'put', 'put'],
      ['wakes', proposal.wake, 'wake', 'woke'],
    ] as const)
      for (const { host } of list) {
        const { id, name } = hosts[host]!
        const to = kind === 'sleeps' ? ' to sleep' : ''
        const text = { shadow: `${shadow} ${name}${to}`, active: `${active} ${name}${to}, or would have` }
        acts.set(`${kind} ${id}`, { kind, proposal, vmId: null, bytes: 0, text })
      }
  }
  return acts
}

function copyOf(day: ShadowDay): ShadowDay {
  return { ...day, shadow: { ...day.shadow }, active: { ...day.active }, differences: [...day.differences] }
}

function newDay(day: string): ShadowDay {
  const none = () => ({ proposals: 0, moves: 0, bytes: 0, sleeps: 0, wakes: 0 })
  return { day, rounds: 0, shadow: none(), active: none(), differences: [] }
}
