import type { Clock } from '@drover/hypervisor'

/** The promise, or a rejection after `ms` of the clock's time. */
export function within<T>(clock: Clock, ms: number, promise: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(ms, () => reject(new Error(`${what}: no answer within ${ms / 1000} s`)))
    promise.then(resolve, reject).finally(cancel)
  })
}
