import { operator } from '../trpc'
import { actOnPower, powerInput } from './power'

/** Pulls the plug; what the guest has not written is lost. */
export const stop = operator.input(powerInput).mutation(({ ctx, input }) => actOnPower(ctx, 'vm.stop', input))
