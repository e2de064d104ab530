import { blame } from './blame'
import type { Checker } from './checker'
import { durableFirst } from './durable-first'
import { guestCounter } from './guest-counter'
import { history } from './history'
import { home } from './home'
import { limits } from './limits'
import { nothingLost } from './nothing-lost'
import { oneHome } from './one-home'
import { oneWriter } from './one-writer'
import { replicas } from './replicas'
import { wholeDisk } from './whole-disk'

export * from './checker'
export { leftovers } from './leftovers'

/** One fresh set for a run: some remember what they saw. */
export function allCheckers(): Checker[] {
  return [
    oneHome(),
    oneWriter(),
    wholeDisk(),
    guestCounter(),
    history(),
    durableFirst(),
    nothingLost(),
    limits(),
    home(),
    blame(),
    replicas(),
  ]
}
