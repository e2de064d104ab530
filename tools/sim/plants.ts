import type { Patch } from './bundle'

export interface SourcePlant {
  name: string
  /** The mistake, in words. */
  does: string
  /** Only seeds that are about load can find it. */
  aboutLoad?: boolean
  patches: readonly Patch[]
}

const engine = 'packages/engine/src'
const planner = 'packages/planner/src'

/** Mistakes that could be made in the product, made in a copy of its source that only a simulation ever runs. */
export const sourcePlants: SourcePlant[] = [
  {
    name: 'restart before proof',
    does: 'VMs of a host that is being fenced are started elsewhere at once',
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
    name: 'trust OK instead of the power state',
    does: 'a host counts as dead when its device has taken the order to switch it off',
    patches: [
      {
        file: `${engine}/fence/answered.ts`,
        find: "return body.kind === 'fence.status' && result.ok && (result.data as FenceAnswer).power === 'off'",
        replace: "return body.kind === 'fence.status' && result.ok",
      },
    ],
  },
  {
    name: 'one of two outlets is enough',
    does: 'a host with two power supplies counts as dead when the first outlet is off',
    patches: [
      {
        file: `${engine}/host/fence/prove.ts`,
        find: "    const next = devices[at + 1]\n    if (next) return { ...order('fence.status', next), memo: { at: at + 1 }, events }\n",
        replace: '',
      },
    ],
  },
  {
    name: 'the deadline is counted from the wrong moment',
    does: 'a host is taken to have fenced itself before its lease is over',
    patches: [
      {
        file: `${engine}/ha/evidence.ts`,
        find: 'return selfFencedAt(Math.max(heardAt, look.signAt ?? heardAt), Math.max(lease.ms, cluster.ha.leaseMs))',
        replace: 'return heardAt + cluster.ha.leaseMs / 2',
      },
    ],
  },
  {
    name: 'the lease begins anew with the agent',
    does: 'an agent that does not stop its VMs when its lease is over, because it counts on from its last look',
    patches: [
      {
        file: 'packages/agent/src/alone/contact.ts',
        find: 'return this.now() >= Math.max(endsAt, graceEndsAt)',
        replace: 'return this.now() >= Math.max(endsAt, graceEndsAt) + 40_000',
      },
    ],
  },
  {
    name: 'the storm guard is off',
    does: 'many hosts that fall silent together are all fenced',
    patches: [
      { file: `${engine}/ha/storm.ts`, find: 'return tooMany ?', replace: 'return tooMany && now === -1 ?' },
    ],
  },
  {
    name: 'references are not asked',
    does: 'a control daemon that is cut off itself fences hosts',
    patches: [
      {
        file: `${engine}/ha/decide.ts`,
        find: 'if (world.self.referencesLostAt.has(cluster.id))',
        replace: 'if (world.self.referencesLostAt.size < 0)',
      },
    ],
  },
  {
    name: 'a restart ignores the apart rule',
    does: 'the planner puts two VMs on one host that must be apart',
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
    patches: [
      {
        file: `${engine}/recover/down.ts`,
        find: "return vm.desired === 'running' && vm.ha.restart !== 'none'",
        replace: "return vm.ha.restart !== 'none'",
      },
    ],
  },
  {
    name: 'a host heard a second ago is fenced',
    does: 'one missed heartbeat is enough to be switched off for',
    patches: [
      {
        file: `${engine}/host/liveness.ts`,
        find: "return now - heardAt > (host.state === 'connecting' ? firstReportMs : suspectMs)",
        replace: 'return now - heardAt > 900',
      },
      {
        file: `${engine}/ha/decide.ts`,
        find: 'if (silent < cluster.ha.suspectMs) return',
        replace: 'if (silent < 900) return',
      },
      {
        file: `${engine}/ha/decide.ts`,
        find: 'if (silent < cluster.ha.decideMs || !settled) return',
        replace: 'if (silent < 900) return',
      },
      {
        file: `${engine}/ha/decide.ts`,
        find: "if (row.follows === 'leave') {",
        replace: "if (row.follows === 'leave' && silent_ > 1e9) {",
      },
      {
        file: `${engine}/ha/decide.ts`,
        find: "} else if (row.follows === 'fence') fence(changes, host, cluster, look)",
        replace: '} else fence(changes, host, cluster, look)\n  if (silent_ < 0) return',
      },
      {
        file: `${engine}/ha/decide.ts`,
        find: '  const { row } = look\n',
        replace: '  const { row } = look\n  const silent_ = 0\n',
      },
    ],
  },
  {
    name: 'an isolated host is fenced',
    does: 'a host that only cannot be heard, and writes to its datastores, is switched off',
    patches: [
      {
        file: `${engine}/ha/decide.ts`,
        find: "if (cluster.ha.isolatedHost === 'fence') {",
        replace: 'if (cluster.ha.isolatedHost !== undefined) {',
      },
    ],
  },
  {
    name: 'a new leader counts old silence',
    does: 'a daemon that takes over takes it that it has listened all the time',
    patches: [
      {
        file: 'packages/control/src/loops/ha.ts',
        find: 'liveOf(world, host.id, now).heardAt = now + findLeaderMs',
        replace: 'liveOf(world, host.id, now).heardAt = now - 60_000',
      },
    ],
  },
  {
    name: 'a host that is back is not cleaned',
    does: 'old definitions stay on hosts that were lost',
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
    patches: [
      {
        file: `${engine}/recover/recover.ts`,
        find: '} else if (starts >= limit)',
        replace: '} else if (starts >= limit + 1_000)',
      },
    ],
  },
  {
    name: 'a decision that is never settled',
    does: 'what was decided about a silent host is written down at every look',
    patches: [
      {
        file: `${engine}/ha/decide.ts`,
        find: 'if (!incident || incident.decision === decision) return',
        replace: 'if (!incident) return',
      },
    ],
  },
  {
    name: 'the story loses its end',
    does: 'a VM that was restarted stays "starting" in its incident',
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
    name: 'the cooldown is forgotten',
    does: 'a VM that was just moved is moved again',
    aboutLoad: true,
    patches: [
      {
        file: `${planner}/load/limits.ts`,
        find: 'at - vm.movedAt < cooldownMs &&',
        replace: 'at - vm.movedAt < cooldownMs * 0 &&',
      },
    ],
  },
  {
    name: 'the budget is ignored',
    does: 'as much is moved within an hour as a rule wants',
    aboutLoad: true,
    patches: [
      {
        file: `${planner}/load/limits.ts`,
        find: 'movesPerHour !== null && count + parts.length > movesPerHour',
        replace: 'movesPerHour !== null && count + parts.length > movesPerHour + 1_000',
      },
      {
        file: `${planner}/load/limits.ts`,
        find: 'bytesPerHour !== null && bytes + size > bytesPerHour',
        replace: 'bytesPerHour !== null && bytes + size > 1e6 * bytesPerHour',
      },
    ],
  },
  {
    name: 'who is needed for a failure sleeps',
    does: 'hosts are put to sleep whatever failures have to be survived',
    aboutLoad: true,
    patches: [
      {
        file: `${planner}/load/powerWake.ts`,
        find: "return action === 'off' || by !== 'hosts' ? 0 : hostFailures",
        replace: "return action === 'off' || by !== 'hosts' ? 0 : hostFailures * 0",
      },
      {
        file: `${planner}/load/powerField.ts`,
        find: "if (admission.by !== 'share' || admission.action === 'off') return true",
        replace: "if (admission.by !== 'share' || admission.action !== undefined) return true",
      },
    ],
  },
  {
    name: 'who has never woken up sleeps',
    does: 'hosts are put to sleep of which nobody knows whether they can be woken',
    aboutLoad: true,
    patches: [
      {
        file: `${engine}/load/picture.ts`,
        find: 'wakeProven: host.wake !== undefined && ',
        replace: 'wakeProven: ',
      },
      {
        file: `${engine}/host/sleep.ts`,
        find: 'if (!test && !host.wake)',
        replace: "if (!test && !host.wake && host.name === '')",
      },
    ],
  },
  {
    name: 'nobody is woken',
    does: 'hosts that sleep are left to sleep, however much there is to do',
    aboutLoad: true,
    patches: [
      {
        file: `${planner}/load/power.ts`,
        find: 'const wakes = wakesNow(picture, rules, model)',
        replace: 'const wakes = wakesNow(picture, rules, model).slice(0, 0)',
      },
    ],
  },
  {
    name: 'load is evened out while hosts fail',
    does: 'neither an open incident nor a host that is in doubt keeps anybody from being moved for the sake of load',
    aboutLoad: true,
    patches: [
      {
        file: `${engine}/balance/calm.ts`,
        find: 'if (incident.clusterId === cluster.id && !hasSettled(world, incident, now))',
        replace: 'if (incident.clusterId === cluster.name && !hasSettled(world, incident, now))',
      },
      {
        file: `${engine}/balance/calm.ts`,
        find: 'if (unsettled.length > 0)',
        replace: 'if (unsettled.length > 1_000)',
      },
    ],
  },
  {
    name: 'a move has no record',
    does: 'the decision does not say which task makes its move',
    aboutLoad: true,
    patches: [
      {
        file: `${engine}/load/carry.ts`,
        find: "return told(changes, row, list, index, 'running', null, started.value.taskId)",
        replace: "return told(changes, row, list, index, 'running', null, null)",
      },
    ],
  },
  {
    name: 'a hold time is not waited for',
    does: 'a threshold moves VMs away as soon as a host is above it',
    aboutLoad: true,
    patches: [
      {
        file: `${planner}/load/judge.ts`,
        find: 'options.holdPassed || at - sinceOf(host) >= rule.forMs',
        replace: 'options.holdPassed || at - sinceOf(host) >= rule.forMs * 0',
      },
    ],
  },
  {
    name: 'a manual rule acts by itself',
    does: 'what a threshold should recommend is done without asking',
    aboutLoad: true,
    patches: [
      {
        file: `${planner}/load/relieve.ts`,
        find: "const alone = rule.automation === 'full' ||",
        replace: "const alone = rule.automation !== 'cluster' ||",
      },
    ],
  },
  {
    name: 'tags are not looked at',
    does: 'a threshold about some VMs moves others',
    aboutLoad: true,
    patches: [
      {
        file: `${planner}/load/relieve.ts`,
        find: 'rule.tags.length === 0 || rule.tags.some(',
        replace: 'rule.tags.length >= 0 || rule.tags.some(',
      },
    ],
  },
  {
    name: 'a rule that is gone goes on',
    does: 'the moves of a threshold are made although it was changed, switched off or deleted meanwhile',
    aboutLoad: true,
    patches: [
      {
        file: `${engine}/load/carry.ts`,
        find: 'const stop = decision.automatic ? whyRuleStops(world, cluster, decision.by, now) : null',
        replace: "const stop = decision.by.id === '' ? whyRuleStops(world, cluster, decision.by, now) : null",
      },
      {
        file: `${planner}/load/recheck.ts`,
        find: "if (!threshold?.enabled) return 'The rule does not hold any more.'",
        replace: 'if (!threshold?.enabled) return null',
      },
    ],
  },
  {
    name: 'more is done than was chosen',
    does: 'somebody applies some moves of a recommendation, and all are made',
    aboutLoad: true,
    patches: [
      {
        file: `${engine}/load/carry.ts`,
        find: "return !('chosen' in part) || part.chosen !== false",
        replace: "return !('chosen' in part) || part.chosen !== undefined",
      },
    ],
  },
  {
    name: 'two rules play with a VM',
    does: 'thresholds give hosts what other rules take away there, and leave nobody alone',
    aboutLoad: true,
    patches: [
      {
        file: `${planner}/load/limits.ts`,
        find: 'if (!rule.enabled || rule.id === except || !withinWindows(rule.windows, picture.at)) continue',
        replace: 'if (rule.id !== except) continue',
      },
      {
        file: `${planner}/load/relieve.ts`,
        find: 'whyFixed(vms[vm]!, at, rule.cooldownMs, above',
        replace: 'whyFixed(vms[vm]!, at, 0, above',
      },
    ],
  },
]
