import { type LoadPicture, type LoadRules, sayCount, sayDuration, sayList, sayPercent } from '@drover/model'
import type { StayReason } from '../consolidate/goal'
import { few } from './powerWake'

/** Why a host stays awake, in words. */
export function sayStay(picture: LoadPicture, rules: LoadRules, host: number, why: StayReason): string {
  const { name, wakeProven, byHand, closed, id, accepts, needed } = picture.hosts[host]!
  const vmName = (vm: number) => picture.vms[vm]!.name
  switch (why.code) {
    case 'kept':
      return `${name} is needed.`
    case 'mayNot':
      if (!accepts) return closed ?? `${name} is not in service.`
      if (needed) return `${name} ${needed}, so it stays awake.`
      if (!wakeProven) return `It was never shown that ${name} can be woken. Prove it, and it may sleep.`
      if (byHand) return `A person has woken or put ${name} to sleep; rules leave it alone.`
      return rules.power.hostIds?.includes(id) === false
        ? `${name} is not one of the hosts that may sleep.`
        : `${name} may not sleep.`
    case 'dwell':
      return `${name} was woken a short time ago, and stays awake for another ${sayDuration(Math.max(0, why.untilAt - picture.at))}.`
    case 'stuck': {
      if (why.vm === null) return `Something runs on ${name} that Drover does not know.`
      const vm = picture.vms[why.vm]!
      if (vm.fixed) return `${vm.name} cannot be moved: ${vm.fixed}`
      return vm.automation !== 'full' && rules.power.mode === 'full'
        ? `${vm.name} is not moved by itself: its automation is ${vm.automation}.`
        : `${vm.name} was moved a short time ago.`
    }
    case 'room':
      return why.vm === null
        ? `The others have no room for all that ${name} runs.`
        : `No other host has room for ${vmName(why.vm)} below ${sayPercent(rules.power.fillTo)}.`
    case 'reserve':
      return `${name} is kept as a reserve.`
    case 'failover': {
      const down = sayList(few(why.down.map(vmName)))
      const failed = sayList(why.failed.map((one) => picture.hosts[one]!.name))
      return failed
        ? `Without it, ${down || 'some VMs'} would have no place if ${failed} failed.`
        : `Without it, ${sayCount(why.failures, 'failure')} could not be survived.`
    }
    case 'limit':
      return `Emptying it takes ${sayCount(why.moves, 'move')}, more than may be made within this hour.`
    case 'worth':
      return `Moving what ${name} runs costs more than its sleep would save.`
  }
}
