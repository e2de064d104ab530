import type { AgentFault } from '@drover/model'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What the daemon counts, in Prometheus' text format. */
export interface Metrics {
  contentType: string
  text(): Promise<string>
  /** `seconds`: time to take one heartbeat in. */
  heartbeat(seconds: number): void
  /** One commit reached the browsers. */
  commit(events: number): void
  agents(count: number): void
  /** An agent was not listened to. */
  agentRefused(reason: AgentFault): void
  browsers(count: number): void
}

/** A registry of its own, so that two daemons in one process (tests) do not share it. */
export function createMetrics(): Metrics {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  const heartbeats = new Histogram({
    name: 'drover_heartbeat_seconds',
    help: 'Time to take one heartbeat of an agent in',
    buckets: [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5],
    registers,
  })
  const commits = new Histogram({
    name: 'drover_commit_events',
    help: 'Events in one commit: how well changes share transactions',
    buckets: [1, 2, 5, 10, 20, 50, 100, 500],
    registers,
  })
  const events = new Counter({ name: 'drover_events_total', help: 'Events committed', registers })
  const agents = new Gauge({ name: 'drover_agent_lines', help: 'Lines to agents', registers })
  const refused = new Counter({
    name: 'drover_agent_refused_total',
    help: 'Messages and lines of agents that were refused, by reason',
    labelNames: ['reason'],
    registers,
  })
  const browsers = new Gauge({ name: 'drover_browser_lines', help: 'Lines to browsers', registers })
  return {
    contentType: register.contentType,
    text: () => register.metrics(),
    heartbeat: (seconds) => heartbeats.observe(seconds),
    commit: (count) => {
      commits.observe(count)
      events.inc(count)
    },
    agents: (count) => agents.set(count),
    agentRefused: (reason) => refused.inc({ reason }),
    browsers: (count) => browsers.set(count),
  }
}
