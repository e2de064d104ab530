import type { SourcePlant } from './plant'

const engine = 'packages/engine/src'

/** About what is done for VMs and with hosts: restarts, rules, limits, maintenance, and the story of it. */
export const carePlants: SourcePlant[] = [
  {
    name: 'restart before proof',
    does: 'VMs of a host that is being fenced are started elsewhere at once',
    by: 'proof before restart',
    patches: [
      {
        file: `${engine}/recover/down.ts`,
        find: "const active = isActive(vm) && home.state !== 'fenced'",
        replace: "const active = isActive(vm) && home.state !== 'fenced' && home.state !== 'fencing'",
      },
      {
        file: `${engine}/recover/source.ts`,
        find: "    case 'connecting':\n      return { may: 'wait', host }",
        replace:
          "    case 'fencing':\n      return yes\n    case 'connecting':\n      return { may: 'wait', host }",
      },
    ],
  },
  {
    name: 'a restart ignores the apart rule',
    does: 'the planner puts two VMs on one host that must be apart',
    by: 'rules hold',
    patches: [
      {
        file: 'packages/planner/src/model/layout.ts',
        find: '    for (let i = 0; i < unit.apart.length; i += 1) if (this.setAt[unit.apart[i]!]!.has(host)) return false\n    if',
        replace: '    if',
      },
    ],
  },
  {
    name: 'what should be off is restarted',
    does: 'high availability starts VMs that somebody has shut down',
    by: 'stopped stays stopped',
    patches: [
      {
        file: `${engine}/recover/down.ts`,
        find: "return vm.desired === 'running' && vm.ha.restart !== 'none'",
        replace: "return vm.ha.restart !== 'none'",
      },
    ],
  },
  {
    name: 'a host that is back is not cleaned',
    does: 'old definitions stay on hosts that were lost',
    by: 'home is the truth',
    patches: [
      {
        file: `${engine}/recover/clean.ts`,
        find: 'if (!vm.staleOn?.length || world',
        replace: 'if (vm.staleOn !== null || world',
      },
    ],
  },
  {
    name: 'the home moves after the start',
    does: 'a VM of a lost host is started where it does not live yet',
    by: 'home is the truth',
    patches: [
      {
        file: `${engine}/vm/restart.ts`,
        find: "if (said?.result.ok) return { flow: 'next', events: homed(scene, vm, target, dataOf<Definition>(said)) }",
        replace: "if (said?.result.ok) return { flow: 'next' }",
      },
      {
        file: `${engine}/vm/restart.ts`,
        find: '  if (vm.hostId !== target.id) {\n    const refusal: Refusal',
        replace: '  if (vm.hostId === target.id && vm.uuid === "") {\n    const refusal: Refusal',
      },
    ],
  },
  {
    name: 'an isolation response is guessed',
    does: 'VMs of an isolated host are started elsewhere although it still says that it runs them',
    by: 'proof before restart',
    patches: [
      {
        file: `${engine}/recover/source.ts`,
        find: 'if (!beat.alone || !beat.running || beat.running.includes(vm.uuid)) return false',
        replace: 'if (!beat.alone) return false',
      },
    ],
  },
  {
    name: 'maintenance is not waited for',
    does: 'a host is in maintenance while its VMs are still moving away',
    by: 'maintenance is empty',
    patches: [
      {
        file: `${engine}/host/evacuate.ts`,
        find: "      const flow = emptyHost(scene, host, stop)\n      return flow.flow === 'next' && scene.task.params.then === 'nothing'",
        replace:
          "      const flow = scene.task.params.then === 'maintenance' ? { flow: 'next' as const } : emptyHost(scene, host, stop)\n      return flow.flow === 'next' && scene.task.params.then === 'nothing'",
      },
      {
        file: `${engine}/host/evacuate.ts`,
        find: "      const flow = emptyHost(scene, host, stop)\n      return flow.flow === 'next'\n        ?",
        replace: "      const flow = { flow: 'next' as const }\n      return flow.flow === 'next'\n        ?",
      },
    ],
  },
  {
    name: 'forget where a migration may have gone',
    does: 'a live migration may be given up while its guest is on either host',
    by: 'home is the truth',
    patches: [
      {
        file: `${engine}/task/giveUp.ts`,
        find: 'if (!mayHaveMoved(world, task)) return []',
        replace: 'if (!mayHaveMoved(world, task) || host) return []',
      },
      {
        file: `${engine}/recover/source.ts`,
        find: "if (!seen && vm.power === 'missing' && vm.hostId === hostId && !allSpeak(world, host.clusterId))",
        replace: "if (!seen && vm.uuid === '' && !allSpeak(world, host.clusterId))",
      },
    ],
  },
  {
    name: 'more starts at once than a host can bear',
    does: 'all VMs of a lost host are started together',
    by: 'limits hold',
    patches: [
      {
        file: `${engine}/recover/recover.ts`,
        find: '} else if (starts >= limit)',
        replace: '} else if (starts >= limit + 1_000)',
      },
    ],
  },
  {
    name: 'the story loses its end',
    does: 'a VM that was restarted stays "starting" in its incident',
    by: 'the story is complete',
    patches: [
      {
        file: `${engine}/vm/restart.ts`,
        find: "const set = { state: 'running', host: refOf(target), runningAt: scene.now, why: null } as const",
        replace:
          "const set = { state: 'starting', host: refOf(target), runningAt: null, why: null } as const",
      },
    ],
  },
  {
    name: 'more migrations at once than a host can bear',
    does: 'queued migrations do not wait for a free place',
    by: 'limits hold',
    patches: [
      {
        file: `${engine}/task/limits.ts`,
        find: 'if (running.length < limit) return null',
        replace: 'if (running.length < limit + 1_000) return null',
      },
    ],
  },
  {
    name: 'a start that failed is not tried again',
    does: 'a VM whose restart came to nothing stays on the list for ever',
    by: 'what should run, runs',
    patches: [
      {
        file: `${engine}/vm/restart.ts`,
        find: 'backOnList(changes, scene, vm, { tried, notBefore: retryAt, why })',
        replace: 'backOnList(changes, scene, vm, { tried, notBefore: retryAt + 1e9, why })',
      },
    ],
  },
  {
    name: 'a browser that joins later misses a row',
    does: 'what a browser is told when it connects lacks a datastore',
    by: 'browsers agree',
    patches: [
      {
        file: 'packages/control/src/publish/publisher.ts',
        find: '[table, [...world.tables[table].values()]]',
        replace: "[table, [...world.tables[table].values()].slice(table === 'datastore' ? 1 : 0)]",
      },
    ],
  },
]
