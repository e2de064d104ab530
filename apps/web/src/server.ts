import { createServer } from 'node:http'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import next from 'next'
import { LeaderFinder } from './proxy/leader'
import { createControlProxy, isForControl } from './proxy/proxy'

/**
 * The browser's one origin: pages by Next, `/api` and `/socket.io` by whichever control daemon leads.
 * Environment: PORT (8080), HOST (all addresses), CONTROL_URLS (comma separated, http://127.0.0.1:8081).
 */
const { values } = parseArgs({ options: { dev: { type: 'boolean', default: false } } })
const port = Number(process.env.PORT ?? 8080)
const host = process.env.HOST
const urls = (process.env.CONTROL_URLS ?? 'http://127.0.0.1:8081').split(',').map((url) => url.trim())

const server = createServer()
const app = next({ dev: values.dev, dir: resolve(import.meta.dirname, '..'), httpServer: server, port })
const leader = new LeaderFinder({ urls })
await Promise.all([app.prepare(), leader.start()])

const pages = app.getRequestHandler()
const pageUpgrade = app.getUpgradeHandler()
const control = createControlProxy(leader)

server.on('request', (request, response) => {
  if (isForControl(request.url)) return control.web(request, response)
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('x-frame-options', 'DENY')
  response.setHeader('referrer-policy', 'same-origin')
  void pages(request, response)
})
server.on('upgrade', (request, socket, head) => {
  if (isForControl(request.url)) return control.upgrade(request, socket, head)
  void pageUpgrade(request, socket, head)
})
server.listen(port, host, () => {
  console.log(`Dashboard at http://${host ?? 'localhost'}:${port}`)
})

function stop() {
  leader.close()
  server.close()
  server.closeAllConnections()
  process.exit(0)
}
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
