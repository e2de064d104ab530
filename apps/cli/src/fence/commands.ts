import type { FenceDevice } from '@drover/model'
import { sayDuration } from '@drover/model'
import type { Command } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { runs } from '../context'
import { CliError, exitCodes } from '../exit'
import { findHost } from '../host/find'
import { Inventory } from '../inventory'
import { duration, integer, sayTime } from '../output/quantity'
import { pick } from '../resolve'
import { askSecret } from '../session/ask'

interface ChangeOptions {
  dryRun?: boolean
  reason?: string
}

interface DeviceOptions extends ChangeOptions {
  name?: string
  level?: number
  param: string[]
  secret: string[]
  via?: string
  delay?: number
  retries?: number
  timeout?: number
  off?: boolean
  on?: boolean
}

const collect = (value: string, all: string[]) => [...all, value]

/** `drover fence …`: the devices that switch hosts off. */
export function fenceCommands(program: Command): void {
  const fence = program.command('fence').description('fence devices: how hosts are switched off for certain')

  fence
    .command('agents')
    .description('the fence programs that are installed where control runs')
    .action(
      runs(async ({ api, out }) => {
        const agents = await api.fence.agents.query()
        out.rows(
          agents.map((agent) => ({ agent })),
          [{ title: 'program', of: ({ agent }) => agent }],
          'There is none. Install the package fence-agents where control runs.',
        )
      }),
    )

  fence
    .command('describe')
    .description('what a fence program wants to know')
    .argument('<program>', 'such as fence_ipmilan')
    .action(
      runs<[string]>(async ({ api, out }, _options, agent) => {
        const info = await api.fence.describe.query({ agent })
        if (!out.json) out.note(info.description)
        out.rows(
          info.parameters,
          [
            { title: 'parameter', of: ({ name }) => name },
            { title: 'type', of: ({ type, secret }) => (secret ? 'secret' : type) },
            { title: 'needed', of: ({ required }) => (required ? 'yes' : '') },
            { title: 'default', of: (row) => row.default },
            { title: 'what it is', of: ({ description }) => description.slice(0, 70) },
          ],
          'It has no parameters.',
        )
      }),
    )

  fence
    .command('list')
    .description('every fence device, and how its last test went')
    .option('--host <host>', 'only of this host')
    .action(
      runs<[], { host?: string }>(async ({ api, out }, options) => {
        const inventory = await Inventory.of(api)
        const hostId = options.host === undefined ? undefined : inventory.host(options.host).id
        out.rows(
          await api.fence.list.query({ hostId }),
          [
            { title: 'host', of: (row) => inventory.nameOf(row.hostId) },
            { title: 'level', of: (row) => row.level, right: true },
            { title: 'name', of: (row) => row.name },
            { title: 'program', of: (row) => row.agent },
            { title: 'runs on', of: (row) => (row.viaHostId ? inventory.nameOf(row.viaHostId) : 'control') },
            { title: 'last test', of: sayTest },
            { title: 'id', of: (row) => row.id },
          ],
          'There is no fence device yet. Make one: drover fence add HOST PROGRAM --param ip=ADDRESS --secret password',
        )
      }),
    )

  deviceOptions(fence.command('add').description('a new fence device; it is tested at once'))
    .argument('<host>', 'name or id of the host that it switches off')
    .argument('<program>', 'such as fence_ipmilan')
    .action(
      runs<[string, string], DeviceOptions>(async (context, options, hostName, agent) => {
        const host = await findHost(context.api, hostName)
        const given = await fieldsOf(context.api, options)
        const name = options.name ?? `${agent.replace(/^fence_/, '')} of ${host.name}`
        const params = given.params ?? {}
        const input = { ...given, hostId: host.id, agent, name, params }
        finishChange(context, await context.api.fence.create.mutate(input), `${name} was added.`)
      }),
    )

  deviceOptions(
    fence.command('change').description('what is left out stays; parameters are given as a whole'),
  )
    .argument('<device>', 'name or id of the device')
    .action(
      runs<[string], DeviceOptions>(async (context, options, given) => {
        const device = await findDevice(context.api, given)
        const input = { ...(await fieldsOf(context.api, options)), fenceId: device.id, name: options.name }
        finishChange(context, await context.api.fence.change.mutate(input), `${device.name} was changed.`)
      }),
    )

  changeOptions(fence.command('remove').description('forget a device, with its secrets'))
    .argument('<device>', 'name or id of the device')
    .action(
      runs<[string], ChangeOptions>(async (context, { reason, dryRun }, given) => {
        const { id: fenceId, name } = await findDevice(context.api, given)
        const done = await context.api.fence.delete.mutate({ fenceId, reason, dryRun })
        finishChange(context, done, `${name} was removed.`)
      }),
    )

  fence
    .command('test')
    .description('ask a device for the power state, now; nothing is switched')
    .argument('<device>', 'name or id of the device')
    .action(
      runs<[string]>(async ({ api, out }, _options, given) => {
        const { id: fenceId, name } = await findDevice(api, given)
        const test = await api.fence.test.mutate({ fenceId })
        const took = `after ${sayDuration(test.ms)}`
        if (test.ok) return out.say(`${name} answers ${took}: the power is ${test.power}.`, test)
        out.say(`${name} failed ${took}: ${test.message}`, test)
        process.exitCode = exitCodes.failed
      }),
    )
}

function deviceOptions(command: Command): Command {
  return changeOptions(command)
    .option('--name <name>', 'what it is called')
    .option('--level <n>', '1 is tried first; devices of one level are all needed', integer)
    .option('--param <name=value>', 'a parameter of the program; say it once for each', collect, [])
    .option('--secret <name>', 'a secret parameter: asked for, or read from standard input', collect, [])
    .option('--via <host>', 'run it on this host instead of on control')
    .option('--delay <time>', 'wait before it acts, such as 5s', duration)
    .option('--retries <n>', 'how often it is tried again', integer)
    .option('--timeout <time>', 'how long it may take, such as 20s', duration)
    .option('--off', 'not in use')
    .option('--on', 'in use again')
}

async function fieldsOf(api: Parameters<typeof findHost>[0], options: DeviceOptions) {
  const { level, retries, timeout, delay, reason, dryRun, via } = options
  const params: Record<string, string> = {}
  for (const text of options.param) {
    const at = text.indexOf('=')
    if (at < 1) throw new CliError(exitCodes.usage, `"${text}" is no parameter. Write it as NAME=VALUE.`)
    params[text.slice(0, at)] = text.slice(at + 1)
  }
  Object.assign(params, await secretsOf(options.secret))
  return {
    level,
    retries,
    timeoutMs: timeout,
    delayMs: delay,
    enabled: options.off ? false : options.on ? true : undefined,
    ...(via === undefined ? {} : { viaHostId: (await findHost(api, via)).id }),
    ...(Object.keys(params).length > 0 ? { params } : {}),
    reason,
    dryRun,
  }
}

/** Typed at the terminal and not shown; without one, a line of standard input for each, in their order. */
async function secretsOf(names: readonly string[]): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {}
  const lines = names.length > 0 && !process.stdin.isTTY ? (await askSecret('')).split(/\r?\n/) : null
  for (const [i, name] of names.entries())
    secrets[name] = lines ? (lines[i] ?? '') : await askSecret(`${name}: `)
  return secrets
}

async function findDevice(api: Parameters<typeof findHost>[0], given: string): Promise<FenceDevice> {
  return pick(await api.fence.list.query(), given, 'fence device', (device) => `of ${device.hostId}`)
}

function sayTest({ lastTest, enabled }: FenceDevice): string {
  if (!enabled) return 'not in use'
  if (!lastTest) return 'not yet'
  return `${lastTest.ok ? `power ${lastTest.power}` : `FAILED: ${lastTest.message}`}, ${sayTime(lastTest.at)}`
}
