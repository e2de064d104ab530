import type { Incident, IncidentMark, IncidentVm } from '@drover/model'
import type { Checker } from './checker'

/**
 * What comes after what, where both are there. A proof may come at any time (somebody says so, the host boots anew), and
 * VMs that an isolated host has stopped itself run elsewhere without one.
 */
const chains: IncidentMark[][] = [
  ['last heard', 'suspect', 'decided', 'fence started'],
  ['last heard', 'proven off'],
  ['suspect', 'said off', 'proven off'],
  ['last heard', 'first VM running', 'all VMs running', 'closed'],
]
const settled: IncidentVm['state'][] = ['running', 'error', 'waiting', 'left', 'stopped']

/** The story that writes itself is complete. */
export function story(): Checker {
  return {
    name: 'the story is complete',
    holds: 'At rest every VM of an incident has an end, its times are in order, and so are the marks.',
    atRest({ ledger, skewMs }) {
      return [...ledger.folded.incident.values()].flatMap((incident) => [
        ...marks(incident, skewMs()),
        ...incident.vms.flatMap((vm) => ends(incident, vm, skewMs())),
        ...(incident.kind === 'host' && !incident.host ? [`${incident.id} is about no host`] : []),
      ])
    },
  }
}

function marks({ id, title, marks: all }: Incident, slackMs: number): string[] {
  // A host that is lost again before all is well goes on in the same story.
  const back = all.findIndex(({ mark }) => mark === 'back')
  const list = back < 0 ? all : all.slice(0, back)
  return chains.flatMap((chain) => {
    const found = chain.flatMap((mark) => list.find((one) => one.mark === mark) ?? [])
    return found
      .slice(1)
      .flatMap((mark, i) =>
        mark.at + slackMs < found[i]!.at
          ? [`${id} (${title}): "${mark.mark}" comes before "${found[i]!.mark}"`]
          : [],
      )
  })
}

function ends({ id, title }: Incident, vm: IncidentVm, slackMs: number): string[] {
  const who = `${id} (${title}): ${vm.vm.name}`
  if (!settled.includes(vm.state)) return [`${who} is still "${vm.state}"`]
  if (vm.state === 'running' && vm.runningAt === null) return [`${who} runs since nobody knows when`]
  const times = [vm.lostAt, vm.askedAt, vm.runningAt].filter((at) => at !== null)
  const back = times.slice(1).some((at, i) => at + slackMs < times[i]!)
  return back ? [`${who} has its times in disorder: ${JSON.stringify(times)}`] : []
}
