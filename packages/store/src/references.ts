import type { TableName } from '@drover/model'

/** Rows that another row cannot be without, as things stand at the end of a batch: foreign keys in PostgreSQL. */
export const references: { table: TableName; field: string; of: TableName }[] = [
  { table: 'cluster', field: 'datacenterId', of: 'datacenter' },
  { table: 'host', field: 'clusterId', of: 'cluster' },
  { table: 'vm', field: 'clusterId', of: 'cluster' },
  { table: 'vm', field: 'hostId', of: 'host' },
  { table: 'definition', field: 'id', of: 'vm' },
  { table: 'datastore', field: 'datacenterId', of: 'datacenter' },
  { table: 'network', field: 'datacenterId', of: 'datacenter' },
  { table: 'rule', field: 'clusterId', of: 'cluster' },
  { table: 'fence', field: 'hostId', of: 'host' },
  { table: 'threshold', field: 'clusterId', of: 'cluster' },
  { table: 'shadow', field: 'clusterId', of: 'cluster' },
]
