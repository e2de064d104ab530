import type { CrashPlant } from './plant'

const engine = 'packages/engine/src'
const control = 'packages/control/src'

const forgetful = {
  file: `${control}/fence/runner.ts`,
  find: 'for (const id of ports.world.index.openTasks) this.dispatch(id)',
  replace: 'if (ports.term < 0) this.dispatch([...ports.world.index.openTasks][0]!)',
}

/** What goes well as long as nobody dies in the middle of it. */
export const crashPlants: CrashPlant[] = [
  {
    name: 'a fence order is forgotten at a take-over',
    does: 'a daemon that takes over does not run the orders to fence devices that the one before it had written down',
    by: 'nothing acknowledged is lost',
    story: 'wake',
    victim: 'control',
    patches: [forgetful],
  },
  {
    name: 'a fence by hand is forgotten at a take-over',
    does: 'the same, of a host that somebody has switched off',
    by: 'nothing acknowledged is lost',
    story: 'fence',
    victim: 'lone control',
    patches: [forgetful],
  },
  {
    name: 'a wake-up counts as done when it is ordered',
    does: 'a host is taken to be up before anything was heard of it',
    by: 'nothing acknowledged is lost',
    story: 'wake',
    victim: 'source never comes',
    patches: [
      {
        file: `${engine}/host/wake/on.ts`,
        find: "if (now < until) return { flow: 'wait', waiting, untilAt: until }",
        replace:
          "if (now - since > 20_000) return { flow: 'next' }\n  if (now < until) return { flow: 'wait', waiting, untilAt: until }",
      },
    ],
  },
  {
    name: 'a copy that was cut off is left',
    does: 'what a migration that came to nothing left on its target is not deleted',
    by: 'nothing left over',
    story: 'live migration with disks',
    victim: 'source agent',
    patches: [
      {
        file: `${engine}/vm/migrate.ts`,
        find: "if (paths.length > 0 && (said?.body.kind !== 'disk.delete' || again))",
        replace: "if (paths.length < 0 && (said?.body.kind !== 'disk.delete' || again))",
      },
    ],
  },
  {
    name: 'who is to sleep is not asked about after a take-over',
    does: 'the same, of a host that is going down to sleep',
    by: 'nothing acknowledged is lost',
    story: 'sleep',
    victim: 'control',
    patches: [forgetful],
  },
  {
    name: 'what was told often enough is believed to have been done',
    does: 'a host counts as dead when its device was told several times to switch it off, though it says that it is on',
    by: 'fenced is the truth',
    story: 'fence',
    victim: 'devices lie',
    patches: [
      {
        file: `${engine}/host/fence/prove.ts`,
        find: 'if (polls + 1 >= pollsEach)\n',
        replace:
          "if (polls + 1 >= pollsEach)\n    return { flow: 'finish', ...proven(scene, { by: 'device', at: now, text: 'told', person: null }) }\n  if (polls < 0)\n",
      },
    ],
  },
  {
    name: 'a migration without a word has failed',
    does: 'when an agent died over a migration, nobody asks where the guest is',
    by: 'nothing acknowledged is lost',
    story: 'evacuate',
    victim: 'source agent',
    patches: [
      {
        file: `${engine}/vm/migrate/live.ts`,
        find: "if (!said.result.ok) return { flow: 'next', ...remember({ failure: said.result.message, answeredAt }) }",
        replace: 'if (!said.result.ok) return backLive(m, said.result.message)',
      },
    ],
  },
  {
    name: 'what waits to be started again is forgotten at a take-over',
    does: 'a daemon that takes over begins with an empty list of VMs that are down',
    by: 'durable first',
    story: 'a host loses its power',
    victim: 'control',
    patches: [
      {
        file: `${control}/leader/term.ts`,
        find: 'this.world = worldOf(ports.loaded.tables)',
        replace:
          'const { tables } = ports.loaded\n    this.world = worldOf({ ...tables, vm: tables.vm.map((vm) => ({ ...vm, recovery: null })) })',
      },
    ],
  },
]
