import type { HaSettings } from '@drover/model'
import type { Tone } from '../../ui/state'

/** How a cluster's high availability stands, and what that means. */
export const haModes: Record<HaSettings['mode'], { tone: Tone; word: string; means: string }> = {
  armed: {
    tone: 'ok',
    word: 'armed',
    means: 'Lost hosts are fenced, and VMs that should run are restarted.',
  },
  hold: {
    tone: 'warning',
    word: 'on hold',
    means: 'Hosts are watched, but nothing is started, moved or fenced.',
  },
  handsOff: {
    tone: 'error',
    word: 'hands off',
    means: 'Hosts are not even watched. Whoever dies now stays dead.',
  },
}
