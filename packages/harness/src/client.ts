/** A small client of the API for the programs in this folder: JSON over HTTP, one session. */
export class ApiClient {
  private cookie = ''

  constructor(private readonly origin: string) {}

  /** Signs in; throws with the server's sentence when that fails. */
  async signIn(username: string, password: string): Promise<void> {
    const response = await this.post('/api/auth/sign-in/username', { username, password })
    if (!response.ok) throw new Error(`Cannot sign in as ${username}: ${await sentence(response)}`)
    this.cookie = response.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
  }

  async mutate<T>(procedure: string, input: unknown): Promise<T> {
    return this.data(procedure, await this.post(`/api/trpc/${procedure}`, input))
  }

  async query<T>(procedure: string, input?: unknown): Promise<T> {
    const search = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`
    const response = await fetch(`${this.origin}/api/trpc/${procedure}${search}`, { headers: this.headers() })
    return this.data(procedure, response)
  }

  private async data<T>(procedure: string, response: Response): Promise<T> {
    if (!response.ok) throw new Error(`${procedure}: ${await sentence(response)}`)
    return ((await response.json()) as { result: { data: T } }).result.data
  }

  private post(path: string, body: unknown): Promise<Response> {
    const headers = { ...this.headers(), 'content-type': 'application/json' }
    return fetch(`${this.origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  }

  /** Who asks: for other ways to the same server, such as its socket. */
  headers(): Record<string, string> {
    return { origin: this.origin, ...(this.cookie ? { cookie: this.cookie } : {}) }
  }
}

interface Refusal {
  message?: string
  error?: { message?: string }
}

async function sentence(response: Response): Promise<string> {
  const body = (await response.json().catch(() => null)) as Refusal | null
  return body?.error?.message ?? body?.message ?? `the server answered ${response.status}`
}
