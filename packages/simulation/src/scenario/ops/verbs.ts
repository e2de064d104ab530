import type { Decide } from '@drover/engine'
import * as engine from '@drover/engine'
import type { World } from '@drover/model'
import { defaultMigrationOptions, defaultVmHa, type GuestPolicy, type HaSettings } from '@drover/model'
import { hostIdOf, vmNamed } from '../world/setup'

const idOf = (world: World, vm: string) => vmNamed(world, vm)?.id ?? 'vm-0'
const e = engine as any

/** What operators ask of Drover, by name, as the API's procedures decide it. */
export const verbs = {
  migrate:
    (vm: string, to: string, mode: 'live' | 'cold'): Decide<unknown> =>
    (world, ctx) =>
      engine.decideMigrate(
        world,
        {
          vmId: idOf(world, vm),
          targetId: hostIdOf(world, to),
          method: mode,
          datastoreIds: null,
          options: defaultMigrationOptions,
        },
        ctx,
      ),
  stop:
    (vm: string): Decide<unknown> =>
    (world, ctx) =>
      engine.decidePower(world, 'vm.stop', { vmId: idOf(world, vm) } as any, ctx),
  shutdown:
    (vm: string, deadlineMs: number): Decide<unknown> =>
    (world, ctx) =>
      engine.decidePower(world, 'vm.shutdown', { vmId: idOf(world, vm), deadlineMs }, ctx),
  want:
    (vm: string, desired: 'running' | 'stopped'): Decide<unknown> =>
    (world, ctx) =>
      e.decideSetDesired(world, { vmId: idOf(world, vm), desired }, ctx),
  manage:
    (vm: string, on: boolean): Decide<unknown> =>
    (world, ctx) => {
      const ha = vmNamed(world, vm)?.ha ?? defaultVmHa
      return e.decideChangeVmHa(
        world,
        { vmId: idOf(world, vm), ha: { ...ha, restart: on ? 'protected' : 'none' } },
        ctx,
      )
    },
  arm:
    (mode: HaSettings['mode']): Decide<unknown> =>
    (world, ctx) =>
      e.decideChangeHa(
        world,
        { clusterId: [...world.tables.cluster.keys()][0], changes: { mode }, reason: 'the scenario says so' },
        ctx,
      ),
  confirmOff:
    (host: string): Decide<unknown> =>
    (world, ctx) =>
      e.decideConfirmOff(world, { hostId: hostIdOf(world, host), confirmName: host, person: 'anna' }, ctx),
  enterMaintenance:
    (host: string): Decide<unknown> =>
    (world, ctx) =>
      e.decideEvacuate(
        world,
        { hostId: hostIdOf(world, host), then: 'maintenance', partial: true, cold: true, reason: null },
        ctx,
      ),
  exitMaintenance:
    (host: string): Decide<unknown> =>
    (world, ctx) =>
      engine.decideExitMaintenance(
        world,
        { hostId: hostIdOf(world, host), home: true, reason: null } as any,
        ctx,
      ),
  shutdownHost:
    (host: string, reboot: boolean, guests: GuestPolicy): Decide<unknown> =>
    (world, ctx) =>
      e.decideShutdownHost(
        world,
        { hostId: hostIdOf(world, host), reboot, guests, confirmName: host, cold: true, reason: null },
        ctx,
      ),
}
