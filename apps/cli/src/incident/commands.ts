import { type Incident, sayDuration } from '@drover/model'
import type { Command } from 'commander'
import { runs } from '../context'
import { Inventory } from '../inventory'
import { integer, sayTime } from '../output/quantity'

/** `drover incident …`: what failed, and what came of it. */
export function incidentCommands(program: Command): void {
  const incident = program.command('incident').description('failures and what came of them')

  incident
    .command('list')
    .description('incidents, newest first')
    .option('--cluster <cluster>', 'only of this cluster')
    .option('--host <host>', 'only of this host')
    .option('--limit <n>', 'at most so many', integer)
    .action(
      runs<[], { cluster?: string; host?: string; limit?: number }>(async ({ api, out }, options) => {
        const inventory = await Inventory.of(api)
        const { cluster, host, limit } = options
        const query = {
          ...(cluster === undefined ? {} : { clusterId: inventory.cluster(cluster).id }),
          ...(host === undefined ? {} : { hostId: inventory.host(host).id }),
          ...(limit === undefined ? {} : { limit }),
        }
        out.rows(
          await api.incident.list.query(query),
          [
            { title: 'opened', of: (row) => sayTime(row.openedAt) },
            { title: 'what', of: (row) => row.title },
            { title: 'state', of: (row) => row.state },
            { title: 'vms', of: (row) => row.vms.length, right: true },
            { title: 'cluster', of: (row) => inventory.nameOf(row.clusterId) },
            { title: 'id', of: (row) => row.id },
          ],
          'Nothing has failed yet.',
        )
      }),
    )

  incident
    .command('show')
    .description('the story of one incident')
    .argument('<incident>', 'its id')
    .action(
      runs<[string]>(async ({ api, out }, _options, id) => {
        const shown = await api.incident.show.query({ incidentId: id as Incident['id'] })
        out.say(sayIncident(shown), shown)
      }),
    )
}

/** An incident in lines: what was seen, decided and proven, and how each VM fared, with the time since it began. */
export function sayIncident(incident: Incident): string {
  const from = incident.marks[0]?.at ?? incident.openedAt
  const since = (at: number) => `+${sayDuration(Math.max(0, at - from))}`.padStart(10)
  const lines = [`${incident.title} (${incident.state}, since ${sayTime(incident.openedAt)})`]
  for (const { mark, at, text } of incident.marks.toSorted((a, b) => a.at - b.at))
    lines.push(`${since(at)}  ${mark}: ${text}`)
  if (incident.evidence.length > 0) lines.push('Evidence:')
  for (const { side, says, text } of incident.evidence) lines.push(`  ${side}: ${text} (${says})`)
  if (incident.proof) lines.push(`Proof: ${incident.proof.text}`)
  if (incident.vms.length > 0) lines.push('VMs:')
  for (const { vm, state, host, runningAt, lostAt, why } of incident.vms) {
    const where = host ? ` on ${host.name}` : ''
    const after = runningAt === null ? '' : ` after ${sayDuration(Math.max(0, runningAt - lostAt))}`
    lines.push(`  ${vm.name}: ${state}${where}${after}${why ? ` (${why})` : ''}`)
  }
  return lines.join('\n')
}
