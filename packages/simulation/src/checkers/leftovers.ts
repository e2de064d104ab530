import { type Checker, givenUp } from './checker'

/** What a cut-off copy leaves behind is cleaned up, or belongs to a VM. */
export function leftovers(): Checker {
  return {
    name: 'nothing left over',
    holds:
      'At rest, every disk on a datastore belongs to a VM that Drover or a host has, and none is half-made, save those of tasks that were given up.',
    atRest({ truth, ledger }) {
      const used = new Set<object>()
      const excused = givenUp(ledger).map(({ vmName, vmId }) => `vms/${vmName}-${vmId}/`)
      for (const vm of ledger.folded.vm.values()) {
        for (const { datastoreId, path } of vm.disks) {
          const uuid = ledger.folded.datastore.get(datastoreId)?.uuid
          const file = uuid && truth.disks.datastores.get(uuid)?.files.get(path)
          if (file) used.add(file)
        }
      }
      for (const host of truth.hosts.values()) {
        for (const domain of host.domains.values()) {
          for (const { path } of domain.disks) {
            const file = truth.disks.find(host, path)
            if (file) used.add(file)
          }
        }
      }
      return [...truth.disks.datastores.values()].flatMap((datastore) =>
        [...datastore.files]
          .filter(([path, file]) => !path.startsWith('images/') && !used.has(file))
          .filter(([path]) => !excused.some((folder) => path.startsWith(folder)))
          .map(([path]) => `${datastore.name} keeps ${path}, which no VM has`),
      )
    },
  }
}
