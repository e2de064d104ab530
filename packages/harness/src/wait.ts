import { createServer } from 'node:net'

/** Waits until `check` gives something; throws with `what` after `deadlineMs`. */
export async function until<T>(
  what: string,
  deadlineMs: number,
  check: () => Promise<T | null>,
  everyMs = 100,
): Promise<T> {
  const end = Date.now() + deadlineMs
  for (;;) {
    const value = await check().catch(() => null)
    if (value !== null) return value
    if (Date.now() > end) throw new Error(`${what} did not come up within ${deadlineMs / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

/** The first port from `first` on that nobody listens on. */
export async function freePort(first: number): Promise<number> {
  for (let port = first; port < first + 100; port++) {
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (free) return port
  }
  throw new Error(`No free port from ${first} to ${first + 99}. Choose one with --port.`)
}
