import type { ServerResponse } from 'node:http'

/** Answers with JSON; a sentence for people goes under `message`. */
export function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}
