import type { HostId, UsageQuery, VmId } from '@drover/model'
import { api } from '../api/client'
import { type Aligned, aligned } from './range'

/** Recorded usage, by object. */
export async function askSeries(
  query: Omit<UsageQuery, 'ids'> & { ids: (HostId | VmId)[] },
): Promise<Map<string, Aligned>> {
  const found = await api.usage.series.query({ ...query, fields: [...query.fields] })
  return new Map(found.map((series) => [series.id, aligned(series, query.width)]))
}
