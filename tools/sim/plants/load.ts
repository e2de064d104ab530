import type { SourcePlant } from './plant'

const engine = 'packages/engine/src'
const planner = 'packages/planner/src'

/** About load: balancing, thresholds, recommendations and power saving. */
export const loadPlants: SourcePlant[] = [
  {
    name: 'the cooldown is forgotten',
    does: 'a VM that was just moved is moved again',
    by: 'budgets and cooldowns hold',
    patches: [
      {
        file: `${planner}/load/limits.ts`,
        find: 'if (restMs(vm, at, cooldownMs, over) > 0)',
        replace: 'if (restMs(vm, at, cooldownMs * 0, over) > 0)',
      },
    ],
  },
  {
    name: 'the budget is ignored',
    does: 'as much is moved within an hour as a rule wants',
    by: 'budgets and cooldowns hold',
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
    by: 'nobody sleeps who is needed',
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
    by: 'nobody sleeps who is needed',
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
    by: 'a spike is served',
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
    by: 'balancing pauses',
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
    by: 'decisions are on record',
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
    by: 'thresholds keep their word',
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
    by: 'thresholds keep their word',
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
    by: 'thresholds keep their word',
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
    by: 'thresholds keep their word',
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
    by: 'recommendations are asked about',
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
    by: 'rules do not work against one another',
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
  {
    name: 'the balance takes back what it did',
    does: 'loads are evened out and gathered in turns',
    by: 'balancing settles',
    patches: [
      {
        file: `${planner}/load/even.ts`,
        find: 'weight: weights[metric],',
        replace: 'weight: weights[metric] * (Math.floor(picture.at / 45_000) % 2 === 0 ? 1 : -1),',
      },
      {
        file: `${planner}/load/recheck.ts`,
        find: 'if (spreadCost(before) - spreadCost(after) > tiny) return null',
        replace: 'if (spreadCost(before) - spreadCost(after) > tiny - 1e9) return null',
      },
    ],
  },
  {
    name: 'what is refused is decided again',
    does: 'a host that may not sleep is put to sleep at every look',
    by: 'nothing is decided in vain',
    patches: [
      { file: `${engine}/host/sleep.ts`, find: 'if (!test && !host.wake)', replace: 'if (!test)' },
      {
        file: `${engine}/load/decide.ts`,
        find: '!wakes.includes(proposal) && !wasRefused(world, cluster, proposal, judged, ctx.now)',
        replace: '!wakes.includes(proposal)',
      },
    ],
  },
]
