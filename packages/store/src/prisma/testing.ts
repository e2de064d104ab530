import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { StoreUnderTest } from '../contract'
import type { Store } from '../port'
import type { TestDatabase } from '../postgres/testing'
import { prismaStore } from './store'

export const quiet = { warn: () => {} }

/** A migrated database as the contract wants it; empty at every call. */
export function storeUnderTest(database: TestDatabase): () => Promise<StoreUnderTest> {
  return async () => {
    await empty(database.client)
    const stores: Store[] = []
    return {
      connect: () => {
        const store = prismaStore({ url: database.url, log: quiet })
        stores.push(store)
        return store
      },
      runOut: async () => {
        const left = 'SELECT expires_at > clock_timestamp() AS valid FROM leadership'
        while ((await database.client.query(left)).rows[0].valid) await sleep(5)
      },
      end: async () => {
        await Promise.all(stores.map((store) => store.close()))
      },
    }
  }
}

async function empty(client: pg.Client): Promise<void> {
  await client.query(`
    BEGIN;
    ALTER TABLE event DISABLE TRIGGER event_is_history;
    TRUNCATE event, token, task, threshold, decision, shadow, alarm, incident, fence, rule, network, datastore, definition, vm, host, cluster, datacenter, usage_raw, usage_5m, usage_1h;
    ALTER TABLE event ENABLE ALWAYS TRIGGER event_is_history;
    UPDATE leadership SET term = 0, holder = NULL, taken_at = NULL, expires_at = NULL;
    UPDATE ledger SET term = 0, daemon = NULL, batch = 0, seq = 0, hash = repeat('0', 64), next_ids = '{}';
    COMMIT`)
}
