/** The lab by hand: `npx tsx lab/src/main.ts help`. */
import { Command } from 'commander'
import { createGuest } from './guest/create'
import { createLab, openLab } from './lab'
import { runningLabs } from './registry'
import type { Cable, LabHost } from './types'

const program = new Command('lab')
  .description('A real data centre in one machine: hosts with libvirt, guests with QEMU. Needs root.')
  .option('--lab <name>', 'which lab', 'dev')
  .enablePositionalOptions()

const say = (line: string) => console.log(line)
const lab = () => openLab(program.opts<{ lab: string }>().lab, say)
/** Hosts by name or number: `lab-2`, `h2` and `2` are the same. */
const host = (which: string): LabHost => lab().host(Number(/(\d+)$/.exec(which)?.[1]))
const verb = (
  usage: string,
  description: string,
  action: (name: string, ...rest: string[]) => void | Promise<void>,
) => program.command(usage).description(description).action(action)

program
  .command('up')
  .description('make the lab; it stays until "down"')
  .option('--hosts <n>', 'how many hosts', '3')
  .option('--keep', 'keep its directory after "down"')
  .action(async (options: { hosts: string; keep?: boolean }) => {
    const name = program.opts<{ lab: string }>().lab
    const made = await createLab({
      name,
      hosts: Number(options.hosts),
      keep: options.keep,
      owner: 'nobody',
      log: say,
    })
    await made.up()
  })

program
  .command('down')
  .description('leave nothing behind')
  .action(() => lab().destroy())

program
  .command('list')
  .description('labs of this machine')
  .action(() => console.table(runningLabs()))

program
  .command('status')
  .description('hosts and what runs on them')
  .action(() => {
    for (const one of lab().hosts) {
      const vms = one
        .qemuProcesses()
        .map((vm) => `${vm.vmName}${vm.cameByMigration ? ' (came by migration)' : ''}`)
      say(`${one.name} ${one.address} ${one.isOn() ? 'on' : 'off'} ${vms.join(', ')}`)
    }
  })

program
  .command('start <host>')
  .description('power on')
  .option('--no-wait', 'do not wait for libvirtd')
  .action((name: string, options: { wait: boolean }) => host(name).powerOn(options))

verb('kill <host>', 'power loss', (name) => host(name).powerOff())
verb('cut <host> [cable]', 'pull a cable: management (default) or vm', (name, cable) =>
  host(name).cut(cableOf(cable)),
)
verb('plug <host> [cable]', 'and back', (name, cable) => host(name).plug(cableOf(cable)))
verb('freeze <host>', 'a hung host', (name) => host(name).freeze())
verb('thaw <host>', 'and back', (name) => host(name).thaw())
verb('bmc <host>', "start the host's BMC", async (name) => {
  const { bmc } = host(name)
  await bmc.start()
  say(`ipmitool -I lanplus -C 3 -H ${bmc.address} -U ${bmc.user} -P ${bmc.password} chassis power status`)
})
verb(
  'guest <host> <name> <number>',
  'define and start a guest at 10.78.2.<number>',
  async (name, vm, number) => {
    const guest = await createGuest(lab(), host(name), { name: vm!, number: Number(number) })
    await host(name).virsh('start', guest.name)
    say(guest.address)
  },
)
verb('ask <address> [command...]', 'status of a guest, or a command to it', async (address, command) => {
  const { guests } = lab()
  const words = ([] as string[]).concat(command ?? [])
  console.log(words.length ? await guests.command(address, words.join(' ')) : await guests.status(address))
  await guests.close()
})

for (const [name, description] of [
  ['virsh', "virsh against the host's libvirtd"],
  ['exec', 'run a program in the host'],
] as const) {
  program
    .command(`${name} <host> [args...]`)
    .description(description)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (which: string, args: string[]) => {
      const [command, ...rest] = args
      const output = name === 'virsh' ? host(which).virsh(...args) : host(which).exec(command ?? 'true', rest)
      process.stdout.write(await output)
    })
}

function cableOf(text = 'management'): Cable {
  if (text === 'management' || text === 'vm') return text
  throw new Error(`A cable is "management" or "vm", not "${text}"`)
}

await program.parseAsync().catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
