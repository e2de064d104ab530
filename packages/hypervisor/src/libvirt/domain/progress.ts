import type { Job } from '@drover/libvirt'
import type { MigrationReport } from '@drover/protocol'
import type { OperationProgress } from '../../port'

/** Disks and memory of one migration as one number: disks go first, and memory is gone over again and again. */
export class MigrationProgress {
  private fraction = 0
  private diskTotal = 0
  private memoryTotal = 0

  read(stats: Job['stats']): OperationProgress {
    const number = (name: string) => Number(stats[name] ?? 0)
    this.diskTotal = Math.max(this.diskTotal, number('disk_total'))
    this.memoryTotal = Math.max(this.memoryTotal, number('memory_total'))
    const diskLeft = number('disk_remaining')
    // Before its turn memory is not counted at all.
    const memoryLeft = number('memory_total') > 0 ? number('memory_remaining') : this.memoryTotal
    const total = this.diskTotal + this.memoryTotal
    const left = diskLeft + memoryLeft
    if (total > 0) this.fraction = Math.min(0.99, Math.max(this.fraction, 1 - left / total))
    const bytesPerSecond = number('memory_bps') + number('disk_bps')
    return {
      fraction: this.fraction,
      doneBytes: number('disk_processed') + number('memory_processed'),
      totalBytes: total || null,
      bytesPerSecond: bytesPerSecond || null,
      remainingMs: bytesPerSecond > 0 ? Math.round((left / bytesPerSecond) * 1000) : null,
    }
  }
}

/** From what libvirt said at the end; `measuredMs` when it said nothing. */
export function reportOf(stats: Job['stats'] | null, measuredMs: number): MigrationReport {
  const number = (name: string) => (stats?.[name] === undefined ? null : Number(stats[name]))
  const memory = number('memory_processed')
  const disk = number('disk_processed')
  return {
    totalMs: number('time_elapsed') ?? measuredMs,
    downtimeMs: number('downtime'),
    bytes: memory === null && disk === null ? null : (memory ?? 0) + (disk ?? 0),
  }
}
