import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { labSource } from '../paths'
import { until } from '../run'
import type { ProberAnswer, ProberRequest } from './prober'
import type { GuestStatus } from './status'
import type { WatchResult } from './watch'

export interface GuestWatch {
  /** Stops watching and tells what was seen. */
  stop(): Promise<WatchResult>
}

/** Asks guests over the VM network, through a process that lives in it. */
export interface GuestProbe {
  /** Rejects when there is no answer within the deadline (default 1 s). */
  status(address: string, options?: { timeoutMs?: number }): Promise<GuestStatus>
  /** Asks until the guest answers (default: for 60 s). */
  waitFor(address: string, options?: { timeoutMs?: number }): Promise<GuestStatus>
  /**
   * `dirty <MiB> <MiB/s>`, `burn <percent>`, `disk <ms between records>`, `deaf <0|1>` (ignores the power button),
   * `poweroff`, `reboot`, `hang`, `crash`. Gives the status from before it is obeyed.
   */
  command(address: string, command: string): Promise<GuestStatus>
  /** Asks every `intervalMs` (default 10) until stopped. */
  watch(address: string, options?: { intervalMs?: number }): Promise<GuestWatch>
  /** Ends the process in the VM network; asking again starts another. */
  close(): Promise<void>
}

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never

export function createProbe(vmNamespace: string): GuestProbe {
  let prober: ChildProcess | undefined
  let lastId = 0
  const waiting = new Map<number, (answer: ProberAnswer) => void>()

  function start(): ChildProcess {
    const program = fileURLToPath(new URL('./prober.ts', import.meta.url))
    const node = [process.execPath, '--import', 'tsx', program]
    const child = spawn('nsenter', [`--net=/run/netns/${vmNamespace}`, ...node], {
      cwd: labSource,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const answer = JSON.parse(line) as ProberAnswer
      waiting.get(answer.id)?.(answer)
      waiting.delete(answer.id)
      if (waiting.size === 0) hold(child, false)
    })
    child.once('exit', () => {
      if (prober === child) prober = undefined
      for (const [id, settle] of waiting) settle({ id, error: 'the process that asks guests has ended' })
      waiting.clear()
    })
    child.stdin!.on('error', () => {})
    return child
  }

  /** An idle prober does not keep its parent from ending; its standard input closes then, and that ends it. */
  function hold(child: ChildProcess, needed: boolean): void {
    for (const handle of [child, child.stdin as Socket, child.stdout as Socket]) {
      if (needed) handle.ref()
      else handle.unref()
    }
  }

  function request<T>(message: Unnumbered<ProberRequest>): Promise<T> {
    prober ??= start()
    const id = ++lastId
    const child = prober
    hold(child, true)
    return new Promise<T>((resolve, reject) => {
      waiting.set(id, ({ error, result }) => (error ? reject(new Error(error)) : resolve(result as T)))
      child.stdin!.write(`${JSON.stringify({ ...message, id })}\n`)
    })
  }

  const ask = (address: string, text: string, timeoutMs = 1000) =>
    request<GuestStatus>({ verb: 'ask', address, text, timeoutMs })

  return {
    status: (address, options = {}) => ask(address, 'status', options.timeoutMs),
    waitFor: (address, options = {}) =>
      until(`guest ${address} answers`, options.timeoutMs ?? 60_000, () =>
        ask(address, 'status', 500).catch(() => undefined),
      ),
    command: (address, command) => ask(address, command),
    watch: async (address, options = {}) => {
      const watch = await request<number>({ verb: 'watch', address, intervalMs: options.intervalMs ?? 10 })
      return { stop: () => request<WatchResult>({ verb: 'stop', watch }) }
    },
    close: async () => {
      const child = prober
      prober = undefined
      if (!child) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      hold(child, true)
      child.stdin!.end()
      await ended
    },
  }
}
