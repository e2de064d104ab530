// Speaks for Prisma's native schema engine: the same command line and JSON-RPC over stdio, answered by the WebAssembly
// engine. Developers need it for `prisma generate` and `prisma migrate`; Drover itself deploys in its own process.
import { readFileSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import {
  engineConnections,
  loadEngine,
  noConnection,
  originalError,
  type SchemaEngine,
  targetOf,
  withClient,
} from '@drover/store/schema-engine'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import pg from 'pg'

interface Datasource {
  url?: string
  shadowDatabaseUrl?: string
}
interface Params {
  from?: { tag: string; url?: string }
  to?: { tag: string; url?: string }
  datasourceType?: Datasource
  shadowDatabaseUrl?: string
  migrationsList?: unknown
  filters?: unknown
}

const args = { datamodels: [] as string[], datasource: {} as Datasource, rest: [] as string[] }
const argv = process.argv.slice(2)
for (let arg = argv.shift(); arg !== undefined; arg = argv.shift()) {
  if (arg === '--datamodels' || arg === '-d') args.datamodels.push(argv.shift() ?? '')
  else if (arg === '--datasource') args.datasource = JSON.parse(argv.shift() ?? '{}')
  else if (arg === '--enabled-preview-features' || arg === '--extension-types') argv.shift()
  else args.rest.push(arg)
}
if (args.rest[0] === 'cli') process.exit(await administer(args.rest[1] ?? ''))
else if (args.rest[0] === '--version') console.log(`schema-engine-wasm ${(await loadEngine()).version()}`)
else serve()

/** `cli can-connect-to-database | create-database | drop-database`; the result is the exit status. */
async function administer(command: string): Promise<number> {
  const target = targetOf(args.datasource.url ?? '')
  const { database, user, host, port } = target.config
  const name = pg.escapeIdentifier(database)
  const execute = (sql: string) => withClient(target, 'postgres', (client) => client.query(sql))
  try {
    if (command === 'can-connect-to-database') await withClient(target, database, async () => {})
    else if (command === 'create-database') await execute(`CREATE DATABASE ${name}`)
    else if (command === 'drop-database') await execute(`DROP DATABASE ${name} WITH (FORCE)`)
    else throw new Error(`unknown command: ${command}`)
    return 0
  } catch (error) {
    const { code, message } = error as pg.DatabaseError
    const reasons: Record<string, [string, string]> = {
      '3D000': ['P1003', `Database \`${database}\` does not exist`],
      '28P01': ['P1000', `Authentication failed for \`${user}\``],
    }
    const unreachable = ['P1001', `Can't reach database server at \`${host}:${port}\` (${message || code})`]
    const [error_code, text] = reasons[code ?? ''] ?? unreachable
    const log = (level: string, fields: object) =>
      writeSync(2, `${JSON.stringify({ level, target: 'schema_engine::logger', fields })}\n`)
    log('INFO', { message: 'Starting schema engine' }) // Prisma's CLI skips the first line
    log('ERROR', { is_panic: false, error_code, message: text, meta: null })
    return 1
  }
}

/** JSON-RPC, one request a line, answered in order, until stdin closes. */
function serve(): void {
  const send = (message: object) =>
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  let session: ReturnType<typeof open> | undefined
  let last: Promise<unknown> = Promise.resolve()

  const answer = async (request: { id: number; method: string; params?: Params }) => {
    try {
      const params = request.params ?? {}
      session ??= open(request.method, params)
      const { engine } = await session
      const result = await call(engine, request.method, params)
      if (request.method === 'diff' && result.stdout != null) {
        send({ id: 1_000_000, method: 'print', params: { content: result.stdout } })
      }
      send({ id: request.id, result: result ?? {} })
    } catch (thrown) {
      const registry = (await session?.catch(() => undefined))?.factory.errorRegistry
      const error = originalError(thrown, registry) as { message?: string; code?: string; meta?: unknown }
      const error_code = /^P\d{4}$/.test(error.code ?? '') ? error.code : null
      const data = {
        is_panic: false,
        message: error.message || String(error),
        meta: error.meta ?? null,
        error_code,
      }
      send({
        id: request.id,
        error: { code: 4466, message: 'The engine refused. See the data field.', data },
      })
    }
  }
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const request = JSON.parse(line)
      if (request.method) last = last.then(() => answer(request)) // else: the answer to one of our `print`s
    })
    .on('close', () => last.finally(() => process.exit(0)))
}

async function open(method: string, { from, to, datasourceType, shadowDatabaseUrl }: Params) {
  const isText = (side: Params['from']) => side?.tag === 'empty' || side?.tag === 'schemaDatamodel'
  const url = args.datasource.url || from?.url || to?.url || datasourceType?.url
  const needsDatabase = !(method === 'diff' && isText(from) && isText(to))
  if (needsDatabase && !url) {
    throw new Error(
      'No database is named. Use `npm run db:migrate -- …`, which starts one, or set DATABASE_URL.',
    )
  }
  const connections = needsDatabase
    ? engineConnections(url as string, new Set(), {
        shadowUrl: args.datasource.shadowDatabaseUrl ?? shadowDatabaseUrl,
      })
    : noConnection()
  const factory = bindMigrationAwareSqlAdapterFactory(connections)
  const datamodels = args.datamodels.map((path) => [path, readFileSync(path, 'utf8')])
  const { SchemaEngine } = await loadEngine()
  const options = { datamodels: datamodels.length ? datamodels : undefined }
  return { factory, engine: await SchemaEngine.new(options, () => {}, factory) }
}

async function call(engine: SchemaEngine, method: string, params: Params) {
  // biome-ignore lint/suspicious/noExplicitAny: the engine answers to a dozen names, each passed on as it came
  const methods = engine as any
  const noFilter = { externalTables: [], externalEnums: [] }
  if (method === 'getDatabaseVersion') return methods.version(params)
  if (method === 'reset') return methods.reset({ filter: noFilter, ...params })
  if (method === 'diff') {
    const { shadowDatabaseUrl: _, ...rest } = params
    return engine.diff({ exitCode: null, filters: noFilter, ...rest })
  }
  if (method === 'evaluateDataLoss' || method === 'createMigration') {
    // In this build these two cannot reach the shadow database, but use what devDiagnostic has learnt from it.
    await engine.devDiagnostic({ migrationsList: params.migrationsList, filters: params.filters })
  }
  return methods[method](params)
}
