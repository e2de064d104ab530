import { hostname } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import { defaultDirectory } from './config'
import { joinThisHost } from './host/join'
import { becomeRoot } from './host/root'
import { run } from './run'
import { installService, serviceText } from './service/install'
import { simulate } from './simulate/simulate'
import { describeWorld } from './simulate/world'
import { version } from './version'

const program = new Command('drover-agent')
  .description("The agent that runs on each of Drover's hosts.")
  .version(version)
  .option(
    '--dir <path>',
    'where the agent keeps its key, its configuration and its journal',
    fromEnvironment(),
  )

program
  .command('join')
  .description('enrol this host; the dashboard shows the whole command')
  .requiredOption('--server <url>', "control's address; again for each further daemon", collect, [])
  .requiredOption('--token <token>', 'the join token')
  .option('--pin <sha256>', "fingerprint of control's certificate")
  .option('--name <name>', 'what the host is called (default: its host name)')
  .option('--address <address>', 'where other hosts reach this one (default: its first address)')
  .option(
    '--datastore <name=path>',
    'a place for disks; again for each further one (default: that of libvirt)',
    collectDatastore,
    [],
  )
  .option('--libvirt-socket <path>', 'the socket of libvirtd', '/run/libvirt/libvirt-sock')
  .option('--migration <transport>', "how libvirt daemons reach each other: 'tcp', 'tls' or 'ssh'", 'tls')
  .option('--network <name>', 'a bridge or libvirt network for VMs (default: all); again for more', collect)
  .option('--reserve-memory <MiB>', 'memory that VMs do not get', wholeNumber)
  .option('--watchdog', 'have /dev/watchdog reset this host when its agent cannot do its duty')
  .option('--run', 'then run the agent; also when this host has joined before')
  .action(async (o) => {
    if (!['tcp', 'tls', 'ssh'].includes(o.migration))
      throw new Error(`--migration: tcp, tls or ssh, not ${o.migration}.`)
    const directory: string = program.opts().dir
    await joinThisHost({
      directory,
      servers: split(o.server),
      token: o.token,
      pin: o.pin ?? null,
      name: o.name ?? hostname(),
      address: o.address ?? null,
      config: {
        datastores: o.datastore,
        libvirt: { socketPath: o.libvirtSocket, migration: o.migration, networks: o.network ?? null },
        watchdog: o.watchdog ?? false,
        reservedMemoryBytes: o.reserveMemory === undefined ? null : o.reserveMemory * 1024 ** 2,
      },
    })
    if (o.run) await run(directory)
  })

program
  .command('run')
  .description('run the agent of this host until it is asked to stop')
  .action(() => run(program.opts().dir))

program
  .command('service')
  .description('print the systemd unit that runs the agent of this host')
  .option('--install', 'write it, enable it and start it')
  .action(async (o) => {
    const directory: string = program.opts().dir
    if (!o.install) return printed(await serviceText(directory))
    if (process.getuid?.() !== 0) becomeRoot(directory)
    console.log(await installService(directory))
  })

const world = (command: Command) =>
  command
    .option('--hosts <n>', 'how many hosts (default: the demo, with 12)', wholeNumber)
    .option('--vms <n>', 'how many VMs in all', wholeNumber)
    .option('--seed <n>', 'another number, another data centre', wholeNumber, 7)
    .option('--description <file>', 'a data centre of your own, as `describe` prints it')
const worldOf = (o: { seed: number; hosts?: number; vms?: number; description?: string }) => ({
  seed: o.seed,
  hosts: o.hosts ?? null,
  vms: o.vms ?? null,
  descriptionPath: o.description ?? null,
})

world(program.command('simulate'))
  .description('run a simulated data centre, with the real agent on every host')
  .requiredOption('--server <url>', "control's address; again for each further daemon", collect, [])
  .option('--pin <sha256>', "fingerprint of control's certificate")
  .option('--tokens <file>', 'join tokens, {"<cluster>": ["<token>", …]}; - for standard input')
  .action((o) =>
    simulate({
      ...worldOf(o),
      directory: program.opts().dir,
      servers: split(o.server),
      pin: o.pin ?? null,
      tokensPath: o.tokens ?? null,
    }),
  )

world(program.command('describe'))
  .description('print the data centre that `simulate` would begin with, as JSON')
  .action(async (o) => printed(JSON.stringify(await describeWorld(worldOf(o)))))

program.parseAsync().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(`drover-agent: ${error.message}`)
    process.exit(1)
  },
)

/** Resolves once it is out: a pipe takes a large text in pieces, and the process ends right after. */
function printed(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${text}\n`, () => resolve()))
}

function fromEnvironment(): string {
  return process.env.DROVER_AGENT_DIR ?? defaultDirectory
}

function split(servers: string[]): string[] {
  return servers.flatMap((text) => text.split(',')).map((text) => text.trim())
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

function collectDatastore(value: string, before: { name: string; path: string }[] = []) {
  const [name, path] = value.split('=')
  if (!name || !path?.startsWith('/')) throw new InvalidArgumentError('It is to be name=/absolute/path.')
  return [...before, { name, path }]
}

function wholeNumber(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('It is to be a whole number.')
  return number
}
