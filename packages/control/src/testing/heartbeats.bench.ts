/** Handling of heartbeats by control alone: 500 hosts × 20 VMs. Run: npx tsx packages/control/src/testing/heartbeats.bench.ts */
import { domain, estate } from './daemon'

const hosts = 500
const vmsPerHost = 20
const rounds = 20

const { agents, control } = await estate(hosts)
const usage = {
  cpu: 0.5,
  memoryUsedBytes: 1e9,
  diskReadBytesPerSecond: 1.5,
  diskWriteBytesPerSecond: 1.5,
  networkInBytesPerSecond: 1.5,
  networkOutBytesPerSecond: 1.5,
}
const vms = Object.fromEntries(Array.from({ length: vmsPerHost }, (_, n) => [domain(n + 1).uuid, usage]))
const text = JSON.stringify({ n: 1, usage, vms })
const times: number[] = []
for (let round = 0; round < rounds; round += 1) {
  for (const agent of agents) {
    const began = performance.now()
    agent.heartbeat(JSON.parse(text))
    times.push(performance.now() - began)
  }
}
times.sort((a, b) => a - b)
const total = times.reduce((sum, ms) => sum + ms, 0)
const at = (share: number) => `${(times[Math.floor(times.length * share)]! * 1000).toFixed(0)} µs`
process.stdout.write(
  `${times.length} heartbeats of ${text.length} bytes: p50 ${at(0.5)}, p99 ${at(0.99)}; ` +
    `${hosts} a second take ${((total / rounds / 1000) * 100).toFixed(1)} % of a core\n`,
)
await control.stop()
