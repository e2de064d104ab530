import { detailKinds, type Event, type Severity, sayHistory, sayInitiator } from '@drover/model'
import type { Command } from 'commander'
import { type Context, runs } from '../context'
import { exitCodes } from '../exit'
import { Inventory } from '../inventory'
import { integer, sayTime, time } from '../output/quantity'

interface ListOptions {
  about?: string[]
  kind?: string[]
  by?: string
  severity?: Severity[]
  text?: string
  since?: number
  until?: number
  limit: number
  all?: boolean
  follow?: boolean
}

const LOOK_MS = 1_000

/** `drover event …` */
export function eventCommands(program: Command): void {
  const event = program.command('event').description('history')

  event
    .command('list')
    .description('what happened, oldest line first')
    .option('--about <object...>', 'names or ids of VMs, hosts, clusters …')
    .option('--kind <kind...>', 'such as vm.power or task.ended')
    .option('--by <name>', 'who asked')
    .option('--severity <severity...>', 'info, warning, error')
    .option('--text <text>', 'words in it')
    .option('--since <time>', '2026-03-01T03:14, or 2h for two hours ago', time)
    .option('--until <time>', 'as above', time)
    .option('--limit <n>', 'how many', integer, 50)
    .option('--all', 'also the stages of tasks and other details')
    .option('--follow', 'go on with what happens from now')
    .action(runs<[], ListOptions>(list))

  event
    .command('verify')
    .description('check that no line of history is missing or was changed')
    .action(
      runs(async ({ api, out }) => {
        const checked = await api.event.verify.query()
        if (checked.ok) {
          const { events, lastSeq, lastHash } = checked
          return out.say(
            `${events} events up to number ${lastSeq} are whole. The last one’s hash is ${lastHash}.`,
            checked,
          )
        }
        out.say(`History is broken at event ${checked.brokenAtSeq}: ${checked.why}`, checked)
        process.exitCode = exitCodes.failed
      }),
    )
}

async function list({ api, out }: Context, options: ListOptions): Promise<void> {
  const query = {
    subjects: options.about && (await subjects({ api, out } as Context, options.about)),
    kinds: options.kind,
    initiator: options.by,
    severities: options.severity,
    text: options.text,
    fromAt: options.since,
    toAt: options.until,
  }
  const wanted = (event: Event) =>
    options.all || options.kind !== undefined || !(detailKinds as readonly string[]).includes(event.body.kind)
  const { events } = await api.event.list.query({ ...query, limit: Math.min(options.limit, 1_000) })
  const shown = events.filter(wanted).reverse()
  if (!options.follow) {
    return out.json
      ? out.say('', shown)
      : void process.stdout.write(shown.map((event) => `${lineOf(event)}\n`).join(''))
  }
  const write = (event: Event) =>
    process.stdout.write(`${out.json ? JSON.stringify(event) : lineOf(event)}\n`)
  for (const event of shown) write(event)
  let afterSeq = events[0]?.seq ?? 0
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    const next = await api.event.list
      .query({ ...query, afterSeq, ascending: true, limit: 1_000 })
      .catch((error: { data?: { httpStatus?: number } }) => {
        // A line lost for a moment is taken up where it broke off; being turned away is not.
        if (error.data && error.data.httpStatus !== 503) throw error
        return { events: [] }
      })
    for (const event of next.events) {
      if (wanted(event)) write(event)
      afterSeq = event.seq
    }
  }
}

/** Ids of the objects that are meant; what no longer exists can be given by its id. */
async function subjects({ api }: Context, given: string[]): Promise<string[]> {
  const { rows } = await Inventory.of(api)
  const named = [rows.vm, rows.host, rows.cluster, rows.datacenter, rows.datastore, rows.network].flat()
  return given.flatMap((text) => {
    const ids = named.filter((object) => object.name === text).map((object) => object.id as string)
    return ids.length > 0 ? ids : [text]
  })
}

const marks: Record<Severity, string> = { info: ' ', warning: '!', error: '✗' }

const lineOf = (event: Event) =>
  `${String(event.seq).padStart(6)} ${sayTime(event.at)} ${marks[event.severity]} ${sayHistory(event)} (${sayInitiator(event.initiator)})`
