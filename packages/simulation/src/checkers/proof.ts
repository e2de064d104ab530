import type { Checker } from './checker'

/** Invariant 2, by what is true and not by what control believes. */
export function proof(): Checker {
  let looked = 0
  return {
    name: 'proof before restart',
    holds:
      'When the order to start a VM leaves for a host, its last host cannot run it any more: it is off or was, or its process is dead.',
    always({ sent, truth }) {
      const breaches: string[] = []
      for (; looked < sent.length; looked++) {
        const { body, host, by, commandId } = sent[looked]!
        if (body.kind !== 'vm.start') continue
        const alive = truth.activeOn(body.uuid).filter((name) => name !== host)
        if (alive.length > 0) {
          const name = truth.host(alive[0]!).domains.get(body.uuid)!.name
          breaches.push(
            `${by} has ${host} start ${name} (${commandId}), which is alive on ${alive.join(', ')}`,
          )
        }
      }
      return breaches
    },
  }
}
