import { operator } from '../trpc'
import { actOnPower, powerInput } from './power'

/** Lets a VM stand still, in memory. */
export const suspend = operator
  .input(powerInput)
  .mutation(({ ctx, input }) => actOnPower(ctx, 'vm.suspend', input))
