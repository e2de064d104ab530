import type { LoadMove, LoadPicture, LoadRules } from '@drover/model'
import { type Shortfall, shortfall } from '../consolidate/failover'
import { Field } from '../consolidate/field'
import { pictureAfter } from './after'
import { powerField, shareIsKept } from './powerField'
import { goalOf } from './powerWake'

/**
 * What of a failure would not be survived with this host asleep and its VMs where they are to go, by the same measure by which
 * hosts are chosen for sleep; null: all would. Who is only being woken does not count yet.
 */
export function whyNotSpared(
  picture: LoadPicture,
  rules: LoadRules,
  host: number,
  moves: readonly Pick<LoadMove, 'vm' | 'from' | 'to'>[],
): Shortfall | null {
  const hosts = picture.hosts.map((row, i) =>
    i === host || row.standby === 'waking' ? { ...row, standby: 'falling asleep' as const } : row,
  )
  const after = pictureAfter({ ...picture, hosts }, moves, null)
  const field = powerField(after, rules, 0)
  if (!shareIsKept(after, rules, (one) => field.awake[one] === 1)) return { failed: [], down: [], hosts: 0 }
  return shortfall(new Field(field.input, goalOf(rules, 1)))
}
