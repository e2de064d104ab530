import type { Hypervisor } from '@drover/hypervisor'
import { isOpen, type Vm } from '@drover/model'
import type { Batch, Store } from '@drover/store'
import type { Plant } from '../world/simulation'

export interface PlantedBug {
  name: string
  /** What it does in place of a mistake that could be made in the product. */
  does: string
  /** The checker that has to find it, by its name. */
  by: string
  /** Few seeds have what it takes: the fast test is content with whatever checker finds it. */
  rare?: true
  make(): Plant
}

/** Bugs that the checkers have to find. They sit between the product and its surroundings; the product has no flags for them. */
export const plantedBugs: PlantedBug[] = [
  {
    name: 'forget the term check',
    does: 'the store lets a deposed leader write',
    by: 'history explains state',
    make: () => ({ store: (real) => changed(real, { commit: lenientCommit(real) }) }),
  },
  {
    name: 'act before the commit',
    does: 'a batch counts as durable half a second before it is',
    by: 'browsers agree',
    make: () => {
      let before: Promise<unknown> = Promise.resolve()
      return {
        store: (real, clock) =>
          changed(real, {
            commit: async (batch: Batch) => {
              const half = new Promise<void>((resolve) => clock.setTimer(500, resolve))
              before = Promise.all([before, half]).then(() => real.commit(batch))
              before.catch(() => {})
            },
          }),
      }
    },
  },
  {
    name: 'lose an accepted task',
    does: 'a daemon that takes over does not load one open task',
    by: 'nothing acknowledged is lost',
    make: () => ({
      store: (real) =>
        changed(real, {
          load: async () => {
            const all = await real.load()
            const lost = all.tables.task.findIndex(isOpen)
            if (lost >= 0) all.tables.task.splice(lost, 1)
            return all
          },
        }),
    }),
  },
  {
    name: 'write a row past its event',
    does: 'every so often a row of a VM is stored with a field that no event has set',
    by: 'history explains state',
    make: () => {
      let n = 0
      return {
        store: (real) =>
          changed(real, {
            commit: (batch: Batch) => {
              const rows = batch.rows.map(({ fields, ...write }) =>
                write.table === 'vm' && write.row && ++n % 20 === 0
                  ? { ...write, row: { ...(write.row as Vm), notes: 'from nowhere' } }
                  : { ...write, ...(fields ? { fields } : {}) },
              )
              return real.commit({ ...batch, rows })
            },
          }),
      }
    },
  },
  {
    name: 'run a repeated command twice',
    does: 'an order to start, stop or suspend a VM that is heard again, seconds later, runs again',
    by: 'nobody is blamed',
    make: () => ({
      hypervisor: (real, truth) => {
        const twice = (verb: 'start' | 'stop' | 'suspend') => async (uuid: string) => {
          await real[verb](uuid)
          truth.clock.setTimer(8_000, () => {
            real[verb](uuid).catch(() => {})
          })
        }
        return changed(real, { start: twice('start'), stop: twice('stop'), suspend: twice('suspend') })
      },
    }),
  },
  {
    name: 'delete the source before the target is whole',
    does: 'a disk is deleted as soon as its bytes were sent, before they became a disk on the target',
    by: 'whole disk',
    rare: true,
    make: () => ({
      hypervisor: (real) =>
        changed(real, {
          sendDisk: async (...args: Parameters<Hypervisor['sendDisk']>) => {
            const sent = await real.sendDisk(...args)
            await real.deleteDisks([args[0]])
            return sent
          },
        }),
    }),
  },
  {
    name: 'trust the OK of a migration',
    does: 'a migration that has not happened is taken to have, because the hypervisor said OK',
    by: 'nothing acknowledged is lost',
    make: () => {
      const claimed = new Set<string>()
      return {
        hypervisor: (real, truth) =>
          changed(real, {
            migrate: async ({ uuid }: Parameters<Hypervisor['migrate']>[0]) => {
              claimed.add(uuid)
              return { totalMs: 1, downtimeMs: 1, bytes: 1 }
            },
            domain: async (uuid: string) => {
              const here = await real.domain(uuid)
              if (here || !claimed.has(uuid)) return claimed.has(uuid) && here ? null : here
              for (const host of truth.hosts.values()) {
                const there = host.domains.get(uuid)
                if (there) return { ...there, disks: [], definitionSha256: 'claimed', job: 'none' as const }
              }
              return null
            },
          }),
      }
    },
  },
  {
    name: 'start a VM that may run elsewhere',
    does: 'the lock on a disk is not looked at, and after a migration the source is started again',
    by: 'one home',
    make: () => ({
      hypervisor: (real, truth) =>
        changed(real, {
          migrate: async (...args: Parameters<Hypervisor['migrate']>) => {
            const { uuid } = args[0]
            const source = [...truth.hosts.values()].find((host) => host.domains.get(uuid)?.guest)
            const before = source?.domains.get(uuid)
            const copy = before && { ...before, guest: before.guest && { ...before.guest } }
            const report = await real.migrate(...args)
            if (source && copy) source.domains.set(uuid, copy)
            return report
          },
        }),
    }),
  },
  {
    name: 'boot from a stale disk',
    does: 'what a guest wrote since its last boot is gone when it boots again',
    by: 'guest counter',
    make: () => ({
      hypervisor: (real, truth) =>
        changed(real, {
          start: async (uuid: string) => {
            for (const store of truth.disks.datastores.values()) {
              for (const file of store.files.values()) if (file.origin.endsWith(uuid)) file.counter = 0
            }
            await real.start(uuid)
          },
        }),
    }),
  },
  {
    name: 'start it on the disk of another',
    does: 'a VM that is started opens the disk of one that runs',
    by: 'one writer',
    make: () => ({
      hypervisor: (real, truth) =>
        changed(real, {
          start: async (uuid: string) => {
            const all = [...truth.hosts.values()].flatMap(({ domains }) => [...domains.values()])
            const other = all.find((domain) => domain.guest && domain.uuid !== uuid)
            const own = all.filter((domain) => domain.uuid === uuid && !domain.guest)
            if (other) for (const domain of own) domain.disks = [...other.disks]
            await real.start(uuid)
          },
        }),
    }),
  },
]

/** The same object with some methods replaced. */
function changed<T extends object>(real: T, methods: Partial<Record<keyof T, unknown>>): T {
  return new Proxy(real, {
    get: (target, name) => {
      const member = methods[name as keyof T] ?? Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

/** Commits whatever anybody brings, as if it were the leader's next batch. */
function lenientCommit(real: Store): (batch: Batch) => Promise<void> {
  let holder: { term: number; daemon: string } | null = null
  return async (batch) => {
    const last = await real.lastBatch()
    if (!holder || last.term > holder.term) holder = { term: last.term, daemon: batch.daemon }
    if (last.term === batch.term) holder = { term: batch.term, daemon: batch.daemon }
    await real.commit({ ...batch, ...holder, number: last.number + 1 })
  }
}
