import { type Host, isActive, type Vm, type World } from '@drover/model'
import { vmsOn } from '../../world/find'

/**
 * Why a host that nobody has asked to sleep is not emptied, as a sentence without its full stop: a VM runs there that is not
 * moved without asking. Null: there is none.
 */
export function whyUnasked(world: World, host: Host): string | null {
  for (const vm of vmsOn(world, host.id)) {
    const { name, automation = 'full' } = vm
    if (isActive(vm) && automation !== 'full') return sayUnasked(name, automation)
  }
  return null
}

export function sayUnasked(name: string, automation: NonNullable<Vm['automation']>): string {
  return `${name} is not moved by itself: its automation is ${automation}`
}
