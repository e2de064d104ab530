import { PrismaClient } from '@drover/store/client'
import { PrismaPg } from '@prisma/adapter-pg'

export type { PrismaClient }

/** A small pool of its own for accounts: sign-ins must not wait behind the writer's commits, nor it behind them. */
export function accountDatabase(url: string): PrismaClient {
  const pool = { connectionString: url, max: 4, connectionTimeoutMillis: 3_000, query_timeout: 5_000 }
  // Without a handler, a connection that breaks while idle would end the process.
  return new PrismaClient({ adapter: new PrismaPg(pool, { onPoolError: () => {} }) })
}
