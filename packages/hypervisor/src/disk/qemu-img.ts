import { type ChildProcess, spawn } from 'node:child_process'
import { HypervisorError, type OperationControl } from '../port'

/** Runs QEMU's own tool, with its own locks; `signal` ends it. Rejects with what it said. */
export function qemuImg(
  args: string[],
  control: OperationControl & { totalBytes?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    if (control.signal?.aborted) return reject(stopped())
    const child = spawn('qemu-img', args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    })
    let out = ''
    let said = ''
    const progress = progressOf(control)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (control.onProgress) progress(text)
      else out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2_000)
    })
    const abort = () => child.kill('SIGTERM')
    control.signal?.addEventListener('abort', abort)
    child.once('error', (error) =>
      reject(new HypervisorError('failed', `qemu-img cannot be run: ${error.message}.`)),
    )
    child.once('close', (code) => {
      control.signal?.removeEventListener('abort', abort)
      if (control.signal?.aborted) reject(stopped())
      else if (code === 0) resolve(out)
      else reject(explain(said.trim()))
    })
  })
}

/**
 * Holds a disk open for reading by QEMU's own lock, so that no guest can be started on it meanwhile; the lock goes with
 * this process. Rejects with `disk_locked` when a guest has it open.
 */
export function holdForReading(path: string, format: string): Promise<{ release: () => void }> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn('qemu-io', ['-r', '-f', format, path], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    })
    let said = ''
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    // It shows its prompt once the disk is open.
    child.stdout!.once('data', () => resolve({ release: () => child.kill('SIGKILL') }))
    child.once('error', (error) =>
      reject(new HypervisorError('failed', `qemu-io cannot be run: ${error.message}.`)),
    )
    child.once('close', () => reject(explain(said.trim())))
  })
}

/** A sentence of QEMU as one of ours. */
export function explain(said: string): HypervisorError {
  const text = said.replace(/^qemu-(img|io): /, '').replace(/\s*\n\s*/g, ' ')
  if (/lock/i.test(text)) return new HypervisorError('disk_locked', `The disk is open elsewhere: ${text}`)
  if (/No space left/i.test(text)) return new HypervisorError('no_space', `The datastore is full: ${text}`)
  if (/No such file/i.test(text)) return new HypervisorError('not_found', text)
  return new HypervisorError('failed', text || 'qemu-img failed without a word.')
}

function progressOf({ onProgress, totalBytes = 0 }: OperationControl & { totalBytes?: number }) {
  let best = 0
  return (text: string) => {
    // "    (12.34/100%)", again and again.
    const percents = [...text.matchAll(/\(([\d.]+)\/100%\)/g)].map((match) => Number(match[1]))
    best = Math.min(1, Math.max(best, ...percents.map((percent) => percent / 100)))
    onProgress?.({
      fraction: best,
      doneBytes: Math.round(totalBytes * best),
      totalBytes,
      bytesPerSecond: null,
      remainingMs: null,
    })
  }
}

function stopped(): HypervisorError {
  return new HypervisorError('aborted', 'The copy was stopped.')
}
