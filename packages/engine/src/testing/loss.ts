import type { HostId } from '@drover/model'
import { accept } from '../decision'
import { becomeFenced } from '../ha/lost'
import { decideClean } from '../recover/clean'
import { decideRecover } from '../recover/recover'
import { Changes } from '../world/changes'
import type { House } from './house'

/** A host loses power, and its fence device says so: nothing runs there, its definitions stay. */
export function lose(house: House, hostId: HostId): void {
  for (const guest of house.guests.get(hostId)!.values()) guest.state = 'off'
  if (house.host(hostId).state === 'connected') house.setHost(hostId, { state: 'suspect' })
  house.accepted((world, ctx) => {
    const changes = new Changes(world, { ...ctx, initiator: { kind: 'drover' } })
    becomeFenced(changes, hostId, { by: 'device', at: ctx.now, text: 'its device says off', person: null })
    return accept(changes.events, null)
  })
}

/** A host that was lost is back with what it has kept: definitions, nothing running unless the test says so. */
export function comeBack(house: House, hostId: HostId): void {
  house.setHost(hostId, { state: 'connecting', proof: null })
  house.setHost(hostId, { state: 'connected', stateSince: house.now })
  house.report(hostId)
}

/** One look of the loops that need no asking. */
export function look(house: House): void {
  house.accepted(decideRecover)
  house.accepted(decideClean)
}

/** Lets time pass, with everything that follows from it, until nothing happens for a while; agents report as they go. */
export function pass(house: House, ms: number): void {
  const until = house.now + ms
  while (house.now < until) {
    const before = house.events.length
    look(house)
    const moved = house.step()
    for (const id of house.guests.keys()) if (house.host(id).state === 'connected') house.report(id)
    if (house.events.length === before && !moved) house.now += 500
  }
}
