import { HypervisorError, type OperationControl } from '../port'
import type { SimulatedDatacenter } from './datacenter'

const tickMs = 200

/**
 * Moves `totalBytes` at `rate()` bytes/s of the clock's time, telling how far it is. Rejects with `aborted` when told
 * to stop, and with whatever `check` throws as it goes.
 */
export function copyBytes(
  datacenter: SimulatedDatacenter,
  totalBytes: number,
  rate: () => number,
  check: (fraction: number) => void,
  control: OperationControl,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let done = 0
    let cancel = () => {}
    const finish = (error?: unknown) => {
      cancel()
      control.signal?.removeEventListener('abort', abort)
      if (error) reject(error)
      else resolve()
    }
    const abort = () => finish(new HypervisorError('aborted', 'The copy was stopped.'))
    if (control.signal?.aborted) return abort()
    control.signal?.addEventListener('abort', abort)
    const step = () => {
      const bytesPerSecond = Math.max(1, rate())
      const ms = Math.max(1, Math.min(tickMs, Math.ceil(((totalBytes - done) / bytesPerSecond) * 1000)))
      cancel = datacenter.clock.setTimer(ms, () => {
        done = Math.min(totalBytes, done + (bytesPerSecond * ms) / 1000)
        const fraction = totalBytes === 0 ? 1 : done / totalBytes
        try {
          check(fraction)
        } catch (error) {
          return finish(error)
        }
        control.onProgress?.({
          fraction,
          doneBytes: Math.round(done),
          totalBytes,
          bytesPerSecond: Math.round(bytesPerSecond),
          remainingMs: Math.round(((totalBytes - done) / bytesPerSecond) * 1000),
        })
        if (done >= totalBytes) finish()
        else step()
      })
    }
    step()
  })
}
