import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

const path = '/drover-agent.mjs'

const notBuilt = `The agent is not there to be served. "npm run build" makes it; DROVER_AGENT_BUNDLE says where it is.\n`

/**
 * Serves hosts the agent that they are to run, one file, to anybody who asks: there is no secret in it. Everything else
 * that is not a websocket is answered here too, with a sentence.
 */
export function agentBundle(file: string): RequestListener {
  const read = reader(file)
  return async (request, response) => {
    // Nothing more is asked on this connection, and one that is kept would hold up a change of the lead.
    response.setHeader('connection', 'close')
    response.setHeader('x-content-type-options', 'nosniff')
    if (pathOf(request) !== path) return say(response, 404, `Agents connect here, and fetch ${path}.\n`)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return say(response, 405, `${path} can be fetched, and nothing else.\n`)
    }
    const bundle = await read().catch(() => null)
    if (!bundle) return say(response, 404, notBuilt)
    const { content, sha256 } = bundle
    const etag = `"${sha256.toString('hex')}"`
    response.setHeader('etag', etag)
    response.setHeader('repr-digest', `sha-256=:${sha256.toString('base64')}:`)
    response.setHeader('cache-control', 'no-cache')
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end()
    response.writeHead(200, {
      'content-type': 'text/javascript; charset=utf-8',
      'content-length': content.length,
    })
    response.end(request.method === 'HEAD' ? undefined : content)
  }
}

/** The file and its hash; read anew when it was built anew. */
function reader(file: string): () => Promise<{ content: Buffer; sha256: Buffer }> {
  let kept: { content: Buffer; sha256: Buffer; mtimeMs: number; size: number } | null = null
  return async () => {
    const { mtimeMs, size } = await stat(file)
    if (kept?.mtimeMs !== mtimeMs || kept.size !== size) {
      const content = await readFile(file)
      kept = { content, sha256: createHash('sha256').update(content).digest(), mtimeMs, size }
    }
    return kept
  }
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?')[0]!

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(response.req.method === 'HEAD' ? undefined : text)
}
