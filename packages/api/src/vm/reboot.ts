import { deadlineMs } from '../schema/quantity'
import { operator } from '../trpc'
import { actOnPower, powerInput } from './power'

/** Asks the guest to reboot. */
export const reboot = operator
  .input(powerInput.extend({ deadlineMs: deadlineMs.optional() }))
  .mutation(({ ctx, input }) => actOnPower(ctx, 'vm.reboot', input))
