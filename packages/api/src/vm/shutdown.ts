import { deadlineMs } from '../schema/quantity'
import { operator } from '../trpc'
import { actOnPower, powerInput } from './power'

/** Asks the guest to shut down, and waits for it until the deadline. */
export const shutdown = operator
  .input(powerInput.extend({ deadlineMs: deadlineMs.optional() }))
  .mutation(({ ctx, input }) => actOnPower(ctx, 'vm.shutdown', input))
