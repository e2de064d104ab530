import { type Checker, givenUp } from './checker'

/** What is believed of a VM is what its host says. */
export function home(): Checker {
  return {
    name: 'home is the truth',
    holds:
      'At rest, the row of every VM names the host that has it and its power there, and no VM has a row too many.',
    atRest({ truth, ledger, strays }) {
      const breaches: string[] = []
      const known = new Set<string>()
      // What had been begun on a silent host stays there: a definition that nothing starts.
      const excused = new Set(givenUp(ledger).map(({ vmId }) => vmId))
      // A host that was away when its VM was deleted brings its old definition back.
      const again = (uuid: string) => strays.has(uuid) || ledger.doomed.has(uuid)
      for (const vm of ledger.folded.vm.values()) {
        known.add(vm.uuid)
        const host = ledger.folded.host.get(vm.hostId)?.name
        // What is left on a host that sleeps is known, and removed once it is awake.
        const waits = (name: string): boolean => {
          const there = [...ledger.folded.host.values()].find((row) => row.name === name)
          return there?.mode === 'standby' && (vm.staleOn?.includes(there.id) ?? false)
        }
        const defined = truth.definedOn(vm.uuid).filter((name) => !waits(name))
        const domain = host ? truth.hosts.get(host)?.domains.get(vm.uuid) : undefined
        const is = domain ? (domain.guest && domain.state === 'off' ? 'running' : domain.state) : 'missing'
        if (domain && defined.length > 1 && !excused.has(vm.id) && !again(vm.uuid))
          breaches.push(`${vm.name} is defined on ${defined.join(' and ')}`)
        // Off for another reason than was believed: no difference to anybody.
        const asleep = !!host && truth.hosts.get(host)?.on === false
        const down =
          (vm.power === 'off' && is === 'crashed') || (asleep && vm.power === 'crashed' && is === 'off')
        if (vm.power !== is && !down)
          breaches.push(`${vm.name} is "${vm.power}" on ${host}; in truth ${is}, defined on ${defined}`)
      }
      for (const host of truth.hosts.values()) {
        for (const domain of host.domains.values()) {
          if (!known.has(domain.uuid)) breaches.push(`${domain.name} on ${host.is.name} is unknown to Drover`)
        }
      }
      return breaches
    },
  }
}
