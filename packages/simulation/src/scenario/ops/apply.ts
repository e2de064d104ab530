import type { Op } from '../format/op'
import type { Stage } from '../world/stage'
import { type Does, hostOps } from './host'
import { managerOps } from './manager'
import { vmOps } from './vm'

const ops: { [K in Op['op']]: Does<K> } = { ...hostOps, ...managerOps, ...vmOps }

/** Has one operation of the timeline happen now. What has to be asked of control is asked, not waited for. */
export function applyOp(stage: Stage, op: Op): void {
  const { op: kind, ...rest } = op
  stage.sim.log.add('scenario', `${kind} ${JSON.stringify(rest)}`)
  ;(ops[kind] as (stage: Stage, op: Op) => void)(stage, op)
}
