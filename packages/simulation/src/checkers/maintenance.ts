import type { Checker } from './checker'

/** In maintenance means: somebody may pull the plug. */
export function maintenance(): Checker {
  let looked = 0
  let orders = 0
  const since = new Map<string, number>()
  return {
    name: 'maintenance is empty',
    holds:
      'A host enters maintenance when nothing runs on it, and nothing is started or moved there until it is back.',
    always({ ledger, truth, sent, meddled, now }) {
      const breaches: string[] = []
      for (; looked < ledger.events.length; looked++) {
        const { body, at } = ledger.events[looked]!
        if (body.kind !== 'host.mode') continue
        if (body.mode !== 'maintenance') since.delete(body.host.name)
        else {
          since.set(body.host.name, at)
          const host = truth.hosts.get(body.host.name)
          const alive = [...(host?.domains.values() ?? [])].filter(
            ({ guest, uuid }) => guest !== null && now() - (meddled.get(uuid) ?? 0) > 60_000,
          )
          if (alive.length > 0)
            breaches.push(`${body.host.name} is in maintenance and runs ${alive[0]!.name}`)
        }
      }
      for (; orders < sent.length; orders++) {
        const { body, host, commandId } = sent[orders]!
        const target =
          body.kind === 'vm.start'
            ? host
            : body.kind === 'vm.migrate'
              ? truth.hostByAddress(body.targetAddress)?.is.name
              : null
        const from = target && since.get(target)
        const created = ledger.task(commandId.split('/')[0]!)?.createdAt ?? 0
        if (from && created > from)
          breaches.push(`${commandId} brings a VM to ${target}, which is in maintenance`)
      }
      return breaches
    },
  }
}
