import { type Incident, type IncidentMark, objectives, sayDuration } from '@drover/model'
import type { Tone } from '../ui/state'

/** One bar of an incident's timeline. Times in epoch ms; `endAt` null: it goes on. */
export interface Stage {
  id: string
  name: string
  startAt: number
  endAt: number | null
  tone: Tone
  /** What happened, in words. */
  text: string
  /** By when the defaults promise that it is over. */
  objectiveAt: number | null
}

const steps: { from: IncidentMark; to: IncidentMark; name: string; tone: Tone }[] = [
  { from: 'last heard', to: 'suspect', name: 'Silent', tone: 'warning' },
  { from: 'suspect', to: 'decided', name: 'Evidence gathered', tone: 'warning' },
  { from: 'decided', to: 'fence started', name: 'Decided', tone: 'working' },
  { from: 'fence started', to: 'proven off', name: 'Fenced and proven off', tone: 'error' },
  { from: 'proven off', to: 'first VM running', name: 'First VM running', tone: 'working' },
]

/** When the trouble began: the last sign of life, or else when it was noticed. */
export function beganAt(incident: Incident): number {
  return Math.min(incident.openedAt, ...incident.marks.map((mark) => mark.at))
}

/** The bars of an incident in the order of its marks; the one that is under way has no end. */
export function stagesOf(incident: Incident): Stage[] {
  const at = new Map(incident.marks.map((mark) => [mark.mark, mark]))
  const began = beganAt(incident)
  const stages: Stage[] = []
  for (const step of steps) {
    const from = at.get(step.from) ?? earlier(at, step.from)
    const to = at.get(step.to)
    if (!from || (!to && stages.at(-1)?.endAt === null)) continue
    if (!to && (incident.state === 'closed' || from.mark !== step.from)) continue
    stages.push({
      id: step.to,
      name: step.name,
      startAt: from.at,
      endAt: to?.at ?? null,
      tone: step.tone,
      text: to?.text ?? '',
      objectiveAt: step.to === 'decided' ? began + objectives.decidedMs : null,
    })
  }
  return stages
}

/** The latest mark that stands before `mark` in the story. */
function earlier(at: ReadonlyMap<IncidentMark, Incident['marks'][number]>, mark: IncidentMark) {
  const order: IncidentMark[] = ['last heard', 'suspect', 'decided', 'fence started', 'proven off']
  for (let i = order.indexOf(mark) - 1; i >= 0; i--) {
    const found = at.get(order[i]!)
    if (found) return found
  }
  return undefined
}

/** One promise of the defaults beside what was measured; `ms` null: not yet. */
export interface Measured {
  name: string
  ms: number | null
  objectiveMs: number
  met: boolean | null
}

/** Seconds against the objectives, as far as they are known. */
export function measuredOf(incident: Incident): Measured[] {
  const at = (mark: IncidentMark) => incident.marks.find((each) => each.mark === mark)?.at
  const began = beganAt(incident)
  const proven = at('proven off')
  const asked = incident.vms.flatMap((vm) => (vm.askedAt === null ? [] : [vm.askedAt]))
  const span = (to: number | undefined, from: number | undefined) =>
    to === undefined || from === undefined ? null : Math.max(0, to - from)
  const rows: [string, number | null, number][] = [
    ['Decided', span(at('decided'), began), objectives.decidedMs],
    [
      'First restart after proof',
      span(asked.length > 0 ? Math.min(...asked) : undefined, proven),
      objectives.firstStartAfterProofMs,
    ],
    ['All VMs running', span(at('all VMs running'), began), objectives.allRunningMs],
  ]
  return rows.map(([name, ms, objectiveMs]) => ({
    name,
    ms,
    objectiveMs,
    met: ms === null ? null : ms <= objectiveMs,
  }))
}

/** The whole story in one sentence. */
export function headline(incident: Incident): string {
  const at = (mark: IncidentMark) => incident.marks.find((each) => each.mark === mark)?.at
  const began = beganAt(incident)
  const total = incident.vms.filter((vm) => vm.state !== 'left').length
  const running = incident.vms.filter((vm) => vm.state === 'running').length
  const failed = incident.vms.filter((vm) => vm.state === 'error').length
  const parts = [incident.title.replace(/[.]$/, '')]
  const proven = at('proven off')
  if (proven !== undefined) parts.push(`proven off after ${sayDuration(proven - began)}`)
  if (total > 0) {
    const last = Math.max(...incident.vms.map((vm) => vm.runningAt ?? 0))
    parts.push(
      running === total
        ? `${total === 1 ? 'its VM runs' : `all ${total} VMs run`} again after ${sayDuration(Math.max(0, last - began))}`
        : `${running} of ${total} VMs run again${failed > 0 ? `, ${failed} could not be started` : ''}`,
    )
  }
  return `${parts.join('; ')}.`
}
