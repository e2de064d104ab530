import type { Buckets } from './statistics'

/** The daemon's own counts, in Prometheus' text format. */
export type Metrics = Map<string, number>

export async function readMetrics(url: string): Promise<Metrics> {
  const text = await (await fetch(`${url}/api/metrics`)).text()
  const metrics: Metrics = new Map()
  for (const line of text.split('\n')) {
    const at = line.lastIndexOf(' ')
    if (line && !line.startsWith('#')) metrics.set(line.slice(0, at), Number(line.slice(at + 1)))
  }
  return metrics
}

/** What a histogram counted between two readings. */
export function bucketsBetween(before: Metrics, after: Metrics, name: string): Buckets {
  const buckets: Buckets = []
  for (const [key, count] of after) {
    const atMost = key.startsWith(`${name}_bucket`) ? /le="([^"]+)"/.exec(key)?.[1] : undefined
    if (atMost) buckets.push([Number(atMost.replace('+Inf', 'Infinity')), count - (before.get(key) ?? 0)])
  }
  return buckets.sort((a, b) => a[0] - b[0])
}
