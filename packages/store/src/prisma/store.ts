import type { Store } from '../port'
import { postgresUsage } from '../usage/postgres'
import { commit } from './commit'
import { Database, type StoreLog } from './database'
import { lead, resign } from './lead'
import { decisions, events, incidents, lastBatch, load, tasks } from './read'

export interface PrismaStoreOptions {
  /** A database with the migrations of `prisma/` applied (`deployMigrations`). */
  url: string
  log: StoreLog
}

/**
 * The store of the real daemon: PostgreSQL, in the tables of `prisma/schema.prisma`, written by SQL that takes thousands
 * of rows in one statement. Reconnects by itself; a PostgreSQL that is gone or frozen is noticed within three seconds.
 */
export function prismaStore(options: PrismaStoreOptions): Store {
  const writing = new Database({ ...options, connections: 4 })
  // Apart, so that a long search in history cannot keep the lease from being renewed.
  const reading = new Database({ ...options, connections: 4 })
  // Much is written and read here; commits, the lease and pages do not wait for it.
  const measuring = new Database({ ...options, connections: 2 })
  return {
    lead: (daemon, leaseMs) => lead(writing, daemon, leaseMs),
    resign: (daemon, term) => resign(writing, daemon, term),
    load: () => load(reading),
    commit: (batch) => commit(writing, batch),
    lastBatch: () => lastBatch(writing),
    events: (query) => events(reading, query),
    tasks: (query) => tasks(reading, query),
    incidents: (query) => incidents(reading, query),
    decisions: (query) => decisions(reading, query),
    usage: postgresUsage(measuring),
    close: async () => {
      await Promise.all([writing.close(), reading.close(), measuring.close()])
    },
  }
}
