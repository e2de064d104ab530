import type { Random } from '../random/random'
import { drawHostRequest, hostRequestWeights } from './host-requests'
import type { Request } from './requests'

const requestWeights = {
  migrate: 40,
  start: 12,
  shutdown: 8,
  stop: 6,
  reboot: 4,
  reset: 3,
  suspend: 5,
  resume: 5,
  create: 6,
  change: 4,
  delete: 3,
  cancel: 8,
  'give up': 8,
  ...hostRequestWeights,
}

/** Something that somebody asks for. */
export function drawRequest(
  random: Random,
  vms: string[],
  hosts: string[],
  freshName: () => string,
): Request {
  const vm = random.pick(vms)
  const kind = random.weighted(requestWeights)
  switch (kind) {
    case 'migrate':
      return {
        kind,
        vm,
        to: random.chance(0.7) ? random.pick(hosts) : null,
        method: random.chance(0.5) ? null : random.pick(['live', 'live-with-disks', 'cold'] as const),
        options: {
          postCopy: random.chance(0.1),
          bandwidthBytesPerSecond: random.chance(0.2) ? 100_000_000 : null,
          deadlineMs: random.chance(0.1) ? 3_000 : null,
        },
      }
    case 'create':
      return {
        kind,
        vm: freshName(),
        on: random.chance(0.5) ? random.pick(hosts) : null,
        powerOn: random.chance(0.7),
      }
    case 'change':
      return {
        kind,
        vm,
        changes: random.chance(0.5)
          ? { notes: `note ${random.between(1, 99)}` }
          : { vcpus: random.between(1, 4) },
      }
    case 'delete':
    case 'cancel':
    case 'give up':
      return { kind, vm }
    case 'start':
    case 'shutdown':
    case 'stop':
    case 'reboot':
    case 'reset':
    case 'suspend':
    case 'resume':
      return { kind, vm }
    default:
      return drawHostRequest(random, kind, { hosts, vms })
  }
}
