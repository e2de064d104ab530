import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type ColumnType,
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
  ColumnTypeEnum as T,
} from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { parse } from 'pg-connection-string'

// Prisma's migrations are done by its "schema engine". The native build is a download from a host that an air-gapped
// machine cannot reach; npm carries the same engine as WebAssembly, which needs to be handed a database connection.
// @prisma/adapter-pg will not do as that connection: it cannot read "char" columns (the catalogue has them), splits
// scripts at every ";" (function bodies hold them) and takes the real database for the shadow one.

/** The calls of the engine that are used by name; the developers' stand-in forwards any other. */
export interface SchemaEngine {
  applyMigrations(input: unknown): Promise<{ appliedMigrationNames: string[] }>
  diff(input: unknown): Promise<{ exitCode: number; stdout: string | null }>
  devDiagnostic(input: unknown): Promise<unknown>
  free(): void
}

// The part of it used here: TypeScript declares WebAssembly with the browser's types only.
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: object } }>
}

interface EngineModule {
  SchemaEngine: {
    new: (options: object, log: (line: string) => void, adapter: object) => Promise<SchemaEngine>
  }
  version(): string
  __wbg_set_wasm(exports: object): void
}

let loaded: Promise<EngineModule> | undefined

/** The schema engine's WebAssembly module; loaded once, about 0.1 s. */
export function loadEngine(): Promise<EngineModule> {
  loaded ??= (async () => {
    const gluePath = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    const glue: EngineModule = await import(/* @vite-ignore */ pathToFileURL(gluePath).href)
    const bytes = readFileSync(join(dirname(gluePath), 'schema_engine_bg.wasm'))
    const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue })
    glue.__wbg_set_wasm(instance.exports)
    const { __wbindgen_start: start } = instance.exports as { __wbindgen_start(): void }
    start()
    return glue
  })()
  return loaded
}

export interface Target {
  config: pg.ClientConfig & { database: string }
  schema: string
}

/** Splits a postgresql:// address into what `pg` wants, without the query parameters that only Prisma knows. */
export function targetOf(address: string): Target {
  const url = new URL(address)
  const schema = url.searchParams.get('schema') ?? 'public'
  for (const name of ['schema', 'connection_limit', 'pool_timeout', 'connect_timeout', 'pgbouncer']) {
    url.searchParams.delete(name)
  }
  const { host, port, user, password, database, ssl } = parse(url.toString())
  const config = {
    host: host ?? undefined,
    port: port ? Number(port) : 5432,
    user,
    password,
    database: database ?? user ?? 'postgres',
    ssl: ssl as pg.ClientConfig['ssl'],
    connectionTimeoutMillis: 10_000,
  }
  return { schema, config }
}

/** Runs `work` on a connection of its own to `database` of the target's server. */
export async function withClient<R>(
  { config }: Target,
  database: string,
  work: (client: pg.Client) => Promise<R>,
): Promise<R> {
  const client = new pg.Client({ ...config, database })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/**
 * Connections for the engine. `opened` collects them: freeing the engine does not close them, and one holds the
 * advisory lock that keeps other migrations out. Without `shadowUrl` the shadow database is made and dropped.
 * `afterScript` is SQL that joins the transaction of every migration script.
 */
export function engineConnections(
  url: string,
  opened: Set<SqlDriverAdapter>,
  { shadowUrl, afterScript }: { shadowUrl?: string | undefined; afterScript?: string } = {},
) {
  const target = targetOf(url)
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => connect(target, opened, { afterScript }),
    async connectToShadowDb() {
      if (shadowUrl) return connect({ ...targetOf(shadowUrl), schema: target.schema }, opened)
      const name = `prisma_shadow_${randomUUID()}`
      const admin = (sql: string) => withClient(target, target.config.database, (client) => client.query(sql))
      await admin(`CREATE DATABASE "${name}"`)
      const shadow = { ...target, config: { ...target.config, database: name } }
      const afterEnd = async () => {
        await admin(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
      }
      return connect(shadow, opened, { afterEnd })
    },
  }
  return factory
}

/** The engine reports an error of our connection by its number only; this finds the error itself. */
export function originalError(
  thrown: unknown,
  registry: { consumeError(id: number): { error: unknown } | undefined } | undefined,
): unknown {
  const id = /External error id#(\d+)/.exec(String((thrown as Error)?.message ?? thrown))?.[1]
  return (id && registry?.consumeError(Number(id))?.error) || thrown
}

async function connect(
  { config, schema }: Target,
  opened: Set<SqlDriverAdapter>,
  { afterScript, afterEnd }: { afterScript?: string | undefined; afterEnd?: () => Promise<void> } = {},
): Promise<SqlDriverAdapter> {
  const client = new pg.Client(config)
  client.on('error', () => {})
  await client.connect().catch(rethrow)
  if (schema !== 'public') await client.query(`SET search_path TO ${pg.escapeIdentifier(schema)}`)
  let ended: Promise<void> | undefined
  const adapter: SqlDriverAdapter = {
    ...queryable(client),
    // The simple protocol takes many statements in one go and one transaction, bodies between $$ included.
    executeScript: async (script) => {
      await client.query(afterScript ? `${script}\n;${afterScript}` : script).catch(rethrow)
    },
    startTransaction: async () => {
      await client.query('BEGIN')
      const end = (sql: string) => async () => {
        await client.query(sql)
      }
      const savepoint = (verb: string) => async (name: string) => {
        await client.query(`${verb} ${pg.escapeIdentifier(name)}`)
      }
      return {
        ...queryable(client),
        options: { usePhantomQuery: false },
        commit: end('COMMIT'),
        rollback: end('ROLLBACK'),
        createSavepoint: savepoint('SAVEPOINT'),
        rollbackToSavepoint: savepoint('ROLLBACK TO'),
        releaseSavepoint: savepoint('RELEASE'),
      }
    },
    getConnectionInfo: () => ({ schemaName: schema, supportsRelationJoins: true }),
    dispose: () => {
      ended ??= client.end().then(() => afterEnd?.())
      return ended
    },
  }
  opened.add(adapter)
  return adapter
}

function queryable(client: pg.Client) {
  const run = ({ sql, args }: SqlQuery) =>
    client.query({ text: sql, values: args, rowMode: 'array', types }).catch(rethrow)
  return {
    provider: 'postgres' as const,
    adapterName: '@prisma/adapter-pg',
    queryRaw: async (query: SqlQuery) => {
      const { fields, rows } = await run(query)
      return {
        columnNames: fields.map((field) => field.name),
        columnTypes: fields.map((field) => columnType(field.dataTypeID)),
        rows,
      }
    },
    executeRaw: async (query: SqlQuery) => (await run(query)).rowCount ?? 0,
  }
}

/** PostgreSQL's type numbers (pg_type.oid) that the catalogue, `_prisma_migrations` and our tables have. */
const COLUMN_TYPES: Record<number, ColumnType> = {
  16: T.Boolean,
  17: T.Bytes,
  18: T.Character, // "char"
  19: T.Text, // name
  20: T.Int64,
  21: T.Int32,
  23: T.Int32,
  25: T.Text,
  26: T.Int64, // oid
  114: T.Json,
  700: T.Float,
  701: T.Double,
  1002: T.CharacterArray,
  1003: T.TextArray,
  1005: T.Int32Array,
  1007: T.Int32Array,
  1009: T.TextArray,
  1016: T.Int64Array,
  1028: T.Int64Array,
  1042: T.Text,
  1043: T.Text,
  1082: T.Date,
  1083: T.Time,
  1114: T.DateTime,
  1184: T.DateTime,
  1700: T.Numeric,
  2205: T.Text, // regclass
  2206: T.Text, // regtype
  2950: T.Uuid,
  3802: T.Json,
}

function columnType(oid: number): ColumnType {
  const type = COLUMN_TYPES[oid]
  if (type === undefined)
    throw new DriverAdapterError({ kind: 'UnsupportedNativeDataType', type: `oid ${oid}` })
  return type
}

const asText = (value: string) => value
const asIso = (value: string) =>
  new Date(/[+-]\d\d(:?\d\d)?$/.test(value) ? value : `${value}Z`).toISOString()
const PARSERS: Record<number, (value: string) => unknown> = {
  20: asText,
  26: asText,
  114: asText,
  1082: asText,
  1083: asText,
  1114: asIso,
  1184: asIso,
  1700: asText,
  3802: asText,
}
const types = {
  getTypeParser: (oid: number, format?: string) =>
    (format !== 'binary' && PARSERS[oid]) || pg.types.getTypeParser(oid, format as 'text'),
} as pg.CustomTypesConfig

function rethrow(error: pg.DatabaseError): never {
  if (typeof error.code !== 'string' || typeof error.severity !== 'string') throw error
  const { code, message, severity, detail, column, hint } = error
  throw new DriverAdapterError({
    kind: 'postgres',
    code,
    severity,
    message,
    detail,
    column,
    hint,
    originalCode: code,
    originalMessage: message,
  })
}

/** For comparing two schema files: the engine asks a server its version even then. Answers that and nothing else. */
export function noConnection(): SqlMigrationAwareDriverAdapterFactory {
  const refuse = () => Promise.reject(new Error('this command needs a database'))
  const version = {
    columnNames: ['exists', 'version', 'numeric_version'],
    columnTypes: [T.Boolean, T.Text, T.Int32],
    rows: [[true, 'PostgreSQL 18.0', 180_000]],
  }
  const identity = { provider: 'postgres' as const, adapterName: '@prisma/adapter-pg' }
  const adapter: SqlDriverAdapter = {
    ...identity,
    queryRaw: ({ sql }) => (sql.includes('server_version_num') ? Promise.resolve(version) : refuse()),
    executeRaw: refuse,
    executeScript: refuse,
    startTransaction: refuse,
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
    dispose: async () => {},
  }
  return { ...identity, connect: async () => adapter, connectToShadowDb: async () => adapter }
}
