import type { Checker } from './checker'

/** High availability brings back what should run, and nothing else. */
export function desired(): Checker {
  let looked = 0
  return {
    name: 'stopped stays stopped',
    holds: 'No restart is begun for a VM that somebody wants stopped, or that is left alone.',
    always({ ledger }) {
      const breaches: string[] = []
      for (; looked < ledger.events.length; looked++) {
        const { body, initiator } = ledger.events[looked]!
        if (body.kind !== 'task.created' || body.what !== 'vm.restart') continue
        const vm = body.vm && ledger.folded.vm.get(body.vm.id)
        if (!vm || initiator.kind !== 'drover') continue
        // What came after it in the same batch was not known to it.
        const later = ledger.events
          .slice(looked + 1)
          .some(
            ({ body: other }) =>
              (other.kind === 'vm.desired' || other.kind === 'vm.ha') && other.vm.id === vm.id,
          )
        if (later) continue
        if (vm.desired !== 'running')
          breaches.push(`${body.task.id} restarts ${vm.name}, which is to be stopped`)
        if (vm.ha.restart === 'none')
          breaches.push(`${body.task.id} restarts ${vm.name}, which is to be left alone`)
      }
      return breaches
    },
  }
}
