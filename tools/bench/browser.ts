import type { ApiClient } from '@drover/harness/client'
import type { Patch, ToBrowser } from '@drover/model'
import { io, type Socket } from 'socket.io-client'

/** What a browser is to control: the API for clicks, and a socket for what comes of them. */
export class Browser {
  private readonly waiting = new Set<{ wanted: (patch: Patch) => boolean; found: (at: number) => void }>()
  private readonly socket: Socket<ToBrowser>

  private constructor(
    readonly api: ApiClient,
    url: string,
  ) {
    this.socket = io(`${url}/live`, { transports: ['websocket'], extraHeaders: api.headers() })
    this.socket.on('patch', (patch) => {
      const at = performance.now()
      for (const one of this.waiting) {
        if (!one.wanted(patch)) continue
        this.waiting.delete(one)
        one.found(at)
      }
    })
  }

  /** Resolves once patches arrive. `url` is control's own, or that of the dashboard in front of it. */
  static async open(api: ApiClient, url: string): Promise<Browser> {
    const browser = new Browser(api, url)
    await new Promise<void>((resolve, reject) => {
      browser.socket.once('connect', resolve)
      browser.socket.once('connect_error', reject)
    })
    return browser
  }

  /** When (`performance.now()`) the first patch came that `wanted` wants. */
  patch(what: string, timeoutMs: number, wanted: (patch: Patch) => boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${what}: no such patch in ${timeoutMs} ms`)), timeoutMs)
      const found = (at: number): void => {
        clearTimeout(late)
        resolve(at)
      }
      this.waiting.add({ wanted, found })
    })
  }

  close(): void {
    this.socket.close()
  }
}
