import { decidePower } from '@drover/engine'
import { z } from 'zod'
import { type Acted, act } from '../act'
import { acting } from '../schema/acting'
import { vmId } from '../schema/id'
import { operator } from '../trpc'

const input = z.object({ vmId, ...acting })

/** Lets a suspended VM go on. */
export const resume = operator.input(input).mutation(({ ctx, input }): Promise<Acted> => {
  const { vmId } = input
  return act(ctx, input, (world, decide) => decidePower(world, { vmId, verb: 'resume' }, decide))
})
