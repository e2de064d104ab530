import { fileURLToPath } from 'node:url'
import { defineConfig } from 'prisma/config'

// Prisma's own schema engine is a download; npm carries the same engine as WebAssembly (see tools/prisma).
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(
  new URL('./tools/prisma/schema-engine.mjs', import.meta.url),
)
process.env.CHECKPOINT_DISABLE ??= '1' // no look for newer versions: the machine may have no way out

export default defineConfig({
  schema: 'prisma',
  migrations: { path: 'prisma/migrations' },
  // `npm run db:migrate` sets it to a database of its own; nothing else that developers run needs one.
  datasource: { url: process.env.DATABASE_URL ?? '' },
})
