import { type Checker, givenUp } from './checker'

/** What is believed of a VM is what its host says. */
export function home(): Checker {
  return {
    name: 'home is the truth',
    holds:
      'At rest, the row of every VM names the host that has it and its power there, no VM has a row too many, and none that was deleted is back.',
    atRest({ truth, ledger, strays }) {
      const breaches: string[] = []
      const known = new Set<string>()
      // What had been begun on a silent host stays there: a definition that nothing starts.
      const excused = new Set(givenUp(ledger).map(({ vmId }) => vmId))
      for (const vm of ledger.folded.vm.values()) {
        known.add(vm.uuid)
        if (ledger.deleted.has(vm.uuid)) breaches.push(`${vm.name} was deleted, and is back`)
        const host = ledger.folded.host.get(vm.hostId)?.name
        // What is left on a host that sleeps is known, and removed once it is awake.
        const waits = (name: string): boolean => {
          const there = [...ledger.folded.host.values()].find((row) => row.name === name)
          return there?.mode === 'standby' && (vm.staleOn?.includes(there.id) ?? false)
        }
        const defined = truth.definedOn(vm.uuid).filter((name) => !waits(name))
        const domain = host ? truth.hosts.get(host)?.domains.get(vm.uuid) : undefined
        const is = domain ? (domain.guest && domain.state === 'off' ? 'running' : domain.state) : 'missing'
        if (domain && defined.length > 1 && !excused.has(vm.id) && !strays.has(vm.uuid))
          breaches.push(`${vm.name} is defined on ${defined.join(' and ')}`)
        // Off for another reason than was believed: no difference to anybody.
        const asleep = !!host && truth.hosts.get(host)?.on === false
        const down =
          (vm.power === 'off' && is === 'crashed') || (asleep && vm.power === 'crashed' && is === 'off')
        if (vm.power !== is && !down)
          breaches.push(`${vm.name} is "${vm.power}" on ${host}; in truth ${is}, defined on ${defined}`)
      }
      for (const host of truth.hosts.values()) {
        const row = [...ledger.folded.host.values()].find(({ name }) => name === host.is.name)
        for (const domain of host.domains.values()) {
          // Nobody stops a deleted VM that somebody has started there, and one that sleeps is cleaned once it is awake.
          const left = row?.leftovers?.some(({ uuid }) => uuid === domain.uuid)
          if (left && (row?.mode === 'standby' || strays.has(domain.uuid))) continue
          if (!known.has(domain.uuid)) breaches.push(`${domain.name} on ${host.is.name} is unknown to Drover`)
        }
      }
      return breaches
    },
  }
}
