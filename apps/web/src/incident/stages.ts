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

/** What leads up to each mark, in the order of the story. */
const steps: { to: IncidentMark; name: string; tone: Tone; maybe?: true }[] = [
  { to: 'suspect', name: 'Silent', tone: 'warning' },
  // Most hosts that are lost do not lose their power: nobody waits for this.
  { to: 'said off', name: 'Its device asked', tone: 'warning', maybe: true },
  { to: 'decided', name: 'Evidence gathered', tone: 'warning' },
  { to: 'fence started', name: 'Decided', tone: 'working' },
  { to: 'proven off', name: 'Fenced and proven off', tone: 'error' },
  { to: 'first VM running', name: 'First VM running', tone: 'working' },
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
  let from = at.get('last heard')
  for (const step of steps) {
    const to = at.get(step.to)
    const later = steps.slice(steps.indexOf(step) + 1).some(({ to }) => at.has(to))
    // A stage that the story went past without a mark was not needed; one after a closed story never came.
    const goesOn = !to && !step.maybe && !later && incident.state === 'open' && stages.at(-1)?.endAt !== null
    if (from && (to || goesOn)) {
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
    from = to ?? from
  }
  return stages
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
