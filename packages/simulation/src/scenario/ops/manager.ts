import type { Stage } from '../world/stage'
import type { Does } from './host'
import { verbs } from './verbs'

type ManagerOp =
  | `manager.${'stop' | 'start' | 'crash'}`
  | `store.${'fail' | 'heal'}`
  | `ha.${'disable' | 'enable'}`

export const managerOps: { [K in ManagerOp]: Does<K> } = {
  'manager.stop': (stage, { host }) => {
    for (const daemon of daemonsAt(stage, host)) daemon.kill()
  },
  'manager.start': (stage, { host }) => {
    for (const daemon of daemonsAt(stage, host)) daemon.start()
  },
  'manager.crash': (stage, { host, for_s }) => {
    const daemons = daemonsAt(stage, host)
    for (const daemon of daemons) daemon.kill()
    stage.later(for_s, () => {
      for (const daemon of daemons) daemon.start()
    })
  },

  'store.fail': ({ sim, managers }, { host }) => {
    const daemon = host === undefined ? undefined : managers.get(host)
    if (daemon) sim.store.cutOff.add(daemon)
    else sim.store.goAway()
  },
  'store.heal': ({ sim, managers }, { host }) => {
    const daemon = host === undefined ? undefined : managers.get(host)
    if (daemon) sim.store.cutOff.delete(daemon)
    else sim.store.comeBack()
  },

  'ha.disable': (stage, { mode }) =>
    stage.ask(`disarm (${mode})`, verbs.arm(mode === 'hold' ? 'hold' : 'handsOff')),
  'ha.enable': (stage) => stage.ask('arm', verbs.arm('armed')),
}

/** The daemon that stands for the manager on a host; all of them where no host is named. */
function daemonsAt({ sim, managers }: Stage, host: string | undefined) {
  const name = host === undefined ? undefined : managers.get(host)
  return [...sim.daemons.values()].filter((daemon) => name === undefined || daemon.name === name)
}
