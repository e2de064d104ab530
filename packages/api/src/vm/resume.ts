import { operator } from '../trpc'
import { actOnPower, powerInput } from './power'

/** Lets a suspended VM go on. */
export const resume = operator
  .input(powerInput)
  .mutation(({ ctx, input }) => actOnPower(ctx, 'vm.resume', input))
