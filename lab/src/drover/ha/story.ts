import type { Incident, IncidentMark } from '@drover/model'
import { until } from '../../run'
import type { Installation } from '../installation'

/** The newest incident of a host, as its page shows it. */
export function storyOf(site: Installation, hostName: string): Promise<Incident | undefined> {
  return newest(site, ({ host }) => host?.name === hostName)
}

/** The newest incident of a kind that is not about one host. */
export function storyOfKind(site: Installation, kind: 'storm' | 'datastore'): Promise<Incident | undefined> {
  return newest(site, (incident) => incident.kind === kind)
}

async function newest(
  site: Installation,
  is: (incident: Incident) => boolean,
): Promise<Incident | undefined> {
  const { incident } = (await site.operator.snapshot()).rows
  return incident
    .filter(is)
    .sort((a, b) => a.openedAt - b.openedAt)
    .at(-1)
}

/** Waits until every VM of a host's incident runs again. It stays open until the host is back. */
export function storyTold(site: Installation, hostName: string, ms: number): Promise<Incident> {
  return until(`the VMs of ${hostName} run, by its incident`, ms, async () => {
    const story = await storyOf(site, hostName).catch(() => undefined)
    return story?.marks.some(({ mark }) => mark === 'all VMs running') && story
  })
}

/** Waits until an incident is over. */
export function storyClosed(what: string, find: () => Promise<Incident | undefined>): Promise<Incident> {
  return until(`the incident of ${what} is closed`, 60_000, async () => {
    const story = await find().catch(() => undefined)
    return story?.state === 'closed' && story
  })
}

/** When each thing of an incident happened, in ms after the host was last heard. */
export function marksOf(story: Incident): Partial<Record<IncidentMark, number>> {
  const heardAt = story.marks.find(({ mark }) => mark === 'last heard')?.at ?? story.openedAt
  return Object.fromEntries(story.marks.map(({ mark, at }) => [mark, at - heardAt]))
}

const before: IncidentMark[] = ['last heard', 'suspect']
const after: IncidentMark[] = ['proven off', 'first VM running', 'all VMs running', 'back', 'closed']
/** What there is to be told of a host whose device says by itself that it is off. */
export const diedMarks: IncidentMark[] = [...before, 'said off', 'decided', ...after]
/** Of one that had to be switched off, or about which nothing was to be had from its devices. */
export const fencedMarks: IncidentMark[] = [...before, 'decided', 'fence started', ...after]
/** Of one that lived all the time. */
export const isolatedMarks: IncidentMark[] = ['last heard', 'suspect', 'decided', 'back', 'closed']

/**
 * What an incident that is over leaves out of what its page shows: each of `marks` with its time, in this order and with words, and
 * none besides; the decision; where a host died, the evidence of all four sides and the proof; of each of these VMs where
 * it runs and after how many seconds.
 */
export function gapsIn(story: Incident, marks: readonly IncidentMark[], vms: readonly string[]): string[] {
  const gaps: string[] = []
  const missing = (what: string) => void gaps.push(`${story.title}: ${what}`)
  const told = story.marks.toSorted((a, b) => a.at - b.at)
  // What a device says while it switches off may be heard or come too late, and a host that hung may answer before its agent does.
  const passing: IncidentMark[] = ['said off', 'agent down']
  const counts = (mark: IncidentMark) => !passing.includes(mark) || marks.includes(mark)
  const names = [...new Set(told.map(({ mark }) => mark))].filter(counts)
  if (names.join() !== marks.join()) missing(`it tells of ${names.join(', ')}, not of ${marks.join(', ')}`)
  for (const { mark, text } of told) if (!text) missing(`"${mark}" has no words`)
  if (!story.decision) missing('no decision')
  if (story.closedAt === null || story.closedAt < story.openedAt) missing('no end')
  const proven = marks.includes('proven off')
  if (story.kind === 'host') {
    if (!story.finding) missing('no finding')
    const sides = story.evidence.filter(({ text }) => text).map(({ side }) => side)
    if (sides.toSorted().join() !== 'agent,peers,power,storage')
      missing(`evidence of ${sides.join(', ')} only`)
  }
  if (proven && !story.proof?.text) missing('no proof')
  if (!proven && story.proof) missing('a proof of what is no death')
  const there = story.vms.map(({ vm }) => vm.name).toSorted()
  if (there.join() !== [...vms].toSorted().join()) missing(`it is about ${there.join(', ') || 'no VM'}`)
  for (const { vm, state, host, lostAt, askedAt, runningAt } of story.vms) {
    if (state !== 'running' || !host) missing(`${vm.name} is ${state} on ${host?.name ?? 'no host'}`)
    if (askedAt === null || runningAt === null) missing(`${vm.name} has no times`)
    else if (lostAt > askedAt || askedAt > runningAt) missing(`the times of ${vm.name} are out of order`)
    else if (proven && askedAt < story.proof!.at) missing(`${vm.name} was started before the proof`)
  }
  return gaps
}
