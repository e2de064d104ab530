import { SHARED_SERVER, startTestServer } from './test-server'

/** Vitest's `globalSetup` for `*.pg.test.ts`: one server for the whole run, gone with it. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startTestServer()
  process.env[SHARED_SERVER] = server.url
  return () => server.remove()
}
