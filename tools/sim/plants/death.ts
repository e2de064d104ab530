import type { SourcePlant } from './plant'

const engine = 'packages/engine/src'

/** About the death of hosts: who is suspected, who is fenced, and what proves it. */
export const deathPlants: SourcePlant[] = [
  {
    name: 'trust OK instead of the power state',
    does: 'a host counts as dead when its device has taken the order to switch it off',
    by: 'fenced is the truth',
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
    by: 'fenced is the truth',
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
    by: 'fenced is the truth',
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
    by: 'the lease is kept',
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
    by: 'no storm',
    patches: [
      { file: `${engine}/ha/storm.ts`, find: 'return tooMany ?', replace: 'return tooMany && now === -1 ?' },
    ],
  },
  {
    name: 'references are not asked',
    does: 'a control daemon that is cut off itself fences hosts',
    by: 'no storm',
    patches: [
      {
        file: `${engine}/ha/decide.ts`,
        find: 'if (world.self.referencesLostAt.has(cluster.id))',
        replace: 'if (world.self.referencesLostAt.size < 0)',
      },
    ],
  },
  {
    name: 'a host heard a second ago is fenced',
    does: 'one missed heartbeat is enough to be switched off for',
    by: 'the healthy are left alone',
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
    by: 'the healthy are left alone',
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
    by: 'the healthy are left alone',
    patches: [
      {
        file: 'packages/control/src/loops/ha.ts',
        find: 'liveOf(world, host.id, now).heardAt = now + findLeaderMs',
        replace: 'liveOf(world, host.id, now).heardAt = now - 60_000',
      },
    ],
  },
  {
    name: 'a decision that is never settled',
    does: 'what was decided about a silent host is written down at every look',
    by: 'history is calm',
    patches: [
      {
        file: `${engine}/ha/decide.ts`,
        find: 'if (!incident || incident.decision === decision) return',
        replace: 'if (!incident) return',
      },
    ],
  },
]
