import { operator } from '../trpc'
import { actOnPower, powerInput } from './power'

/** Presses the reset button; what the guest has not written is lost. */
export const reset = operator
  .input(powerInput)
  .mutation(({ ctx, input }) => actOnPower(ctx, 'vm.reset', input))
