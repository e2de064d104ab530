import { decidePower, type PowerInput, type PowerKind, planPower } from '@drover/engine'
import type { VmId } from '@drover/model'
import { z } from 'zod'
import { type Acted, type Acting, act, type SignedIn } from '../act'
import { found } from '../found'
import { acting } from '../schema/acting'
import { vmId } from '../schema/id'

export const powerInput = z.object({ vmId, ...acting })

/** The one way of all power verbs: `start`, `shutdown` and so on are rows of the engine's table. */
export function actOnPower(
  ctx: SignedIn,
  kind: PowerKind,
  input: PowerInput & Acting & { vmId: VmId },
): Promise<Acted> {
  return act(ctx, input, {
    plan: (world) => planPower(world, kind, found(world.tables.vm.get(input.vmId), 'VM', input.vmId)),
    decide: (world, context) => decidePower(world, kind, input, context),
  })
}
