import {
  type Decide,
  decideChangeHa,
  decideChangeRule,
  decideChangeVmHa,
  decideConfirmOff,
  decideEvacuate,
  decideExitMaintenance,
  decideMigrate,
  decidePower,
  decideSetDesired,
  decideShutdownHost,
} from '@drover/engine'
import type { GuestPolicy, HaSettings, World } from '@drover/model'
import type { ScenarioRule } from '../format/scenario'
import { hostIdOf, type LookedAfter, lookAfter, type Tiers, vmNamed } from '../world/setup'

type Ask = Decide<unknown>

/** What operators ask of Drover, by name, as the procedures of its API have it decided. */
export const verbs = {
  migrate(vm: string, to: string, method: 'live' | 'cold'): Ask {
    return (world, ctx) =>
      decideMigrate(world, { vmId: idOf(world, vm), targetId: hostIdOf(world, to), method }, ctx)
  },

  stop(vm: string): Ask {
    return (world, ctx) => decidePower(world, 'vm.stop', { vmId: idOf(world, vm) }, ctx)
  },

  shutdown(vm: string, deadlineMs: number): Ask {
    return (world, ctx) => decidePower(world, 'vm.shutdown', { vmId: idOf(world, vm), deadlineMs }, ctx)
  },

  want(vm: string, desired: 'running' | 'stopped'): Ask {
    return (world, ctx) => decideSetDesired(world, { vmId: idOf(world, vm), desired }, ctx)
  },

  manage(vm: string, on: boolean): Ask {
    const restart = on ? 'protected' : 'none'
    return (world, ctx) => decideChangeVmHa(world, { vmId: idOf(world, vm), ha: { restart } }, ctx)
  },

  lookAfter(vm: string, how: LookedAfter, tiers: Tiers): Ask {
    return (world, ctx) => {
      const known = vmNamed(world, vm)
      if (!known) return notThere(vm)
      return decideChangeVmHa(world, { vmId: known.id, ha: lookAfter(known, how, tiers) }, ctx)
    }
  },

  /** A VM that a rule names is there now. */
  joinRule({ id: name, vms }: ScenarioRule, vm: string): Ask {
    return (world, ctx) => {
      const rule = [...world.tables.rule.values()].find((one) => one.name === name)
      if (!rule || !vmNamed(world, vm)) return notThere(vm)
      const vmIds = vms.flatMap((one) => vmNamed(world, one)?.id ?? [])
      return decideChangeRule(world, { ruleId: rule.id, changes: { vmIds } }, ctx)
    }
  },

  arm(mode: HaSettings['mode']): Ask {
    return (world, ctx) => {
      const { id } = [...world.tables.cluster.values()][0]!
      return decideChangeHa(
        world,
        { clusterId: id, changes: { mode }, reason: 'as the scenario has it' },
        ctx,
      )
    }
  },

  confirmOff(host: string): Ask {
    return (world, ctx) =>
      decideConfirmOff(world, { hostId: hostIdOf(world, host), confirmName: host, person: 'anna' }, ctx)
  },

  enterMaintenance(host: string): Ask {
    const how = { partial: true, cold: true }
    return (world, ctx) =>
      // biome-ignore lint/suspicious/noThenProperty: what is done then
      decideEvacuate(world, { hostId: hostIdOf(world, host), then: 'maintenance', ...how }, ctx)
  },

  /** Nobody has VMs moved while the cluster is disarmed. */
  exitMaintenance(host: string): Ask {
    return (world, ctx) => {
      const home = [...world.tables.cluster.values()][0]!.ha.mode === 'armed'
      return decideExitMaintenance(world, { hostId: hostIdOf(world, host), home }, ctx)
    }
  },

  shutdownHost(host: string, reboot: boolean, guests: GuestPolicy): Ask {
    const how = { confirmName: host, cold: true, partial: guests === 'evacuate' }
    return (world, ctx) =>
      decideShutdownHost(world, { hostId: hostIdOf(world, host), reboot, guests, ...how }, ctx)
  },
}

/** Nobody has seen it yet. */
function notThere(vm: string): ReturnType<Ask> {
  return { ok: false, refusals: [{ code: 'not_found', noun: 'VM', id: vm }] }
}

function idOf(world: World, vm: string): string {
  return vmNamed(world, vm)?.id ?? 'vm-0'
}
