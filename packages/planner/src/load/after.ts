import type { LoadHost, LoadMove, LoadPicture, LoadVerdict, LoadVm } from '@drover/model'

type Way = Pick<LoadMove, 'vm' | 'from' | 'to'>

/**
 * The picture as it would be after these moves: what later rules decide from. Who is moved already is not moved again.
 * Backtests and simulations carry a verdict out with it; `verdictDone` gives the VMs back to the rules.
 */
export function pictureAfter(picture: LoadPicture, moves: readonly Way[], fixed: string | null): LoadPicture {
  if (moves.length === 0) return picture
  const hosts: LoadHost[] = picture.hosts.slice()
  const vms: LoadVm[] = picture.vms.slice()
  for (const { vm, from, to } of moves) {
    const row = vms[vm]!
    hosts[from] = loaded(hosts[from]!, row, -1)
    hosts[to] = loaded(hosts[to]!, row, 1)
    const { gathered: _, ...rest } = row
    vms[vm] = { ...rest, at: to, fixed: fixed ?? row.fixed, movedAt: picture.at }
  }
  return { ...picture, hosts, vms }
}

/** The picture after everything that a verdict proposes, or only what is automatic. */
export function pictureDone(picture: LoadPicture, verdict: LoadVerdict, all: boolean): LoadPicture {
  const wanted = verdict.proposals.filter(({ automatic }) => all || automatic)
  return pictureAfter(
    picture,
    wanted.flatMap(({ moves }) => moves),
    null,
  )
}

function loaded(host: LoadHost, vm: LoadVm, sign: 1 | -1): LoadHost {
  const now = vm.now ?? vm.demand
  const add = (value: number, by: number) => Math.max(0, value + sign * by)
  return {
    ...host,
    promisedBytes: add(host.promisedBytes, vm.memoryBytes),
    promisedCpus: add(host.promisedCpus, vm.vcpus),
    used: {
      cpu: add(host.used.cpu, now.cpu),
      memory: add(host.used.memory, now.memory),
      disk: add(host.used.disk, now.disk),
      network: add(host.used.network, now.network),
      pressure: host.used.pressure,
    },
  }
}
