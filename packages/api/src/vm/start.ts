import { operator } from '../trpc'
import { actOnPower, powerInput } from './power'

/** Powers a VM on. */
export const start = operator
  .input(powerInput)
  .mutation(({ ctx, input }) => actOnPower(ctx, 'vm.start', input))
