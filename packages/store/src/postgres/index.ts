export { type Column, type ColumnType, insertRows, type Queryable, upsertRows } from './bulk'
export { deployMigrations } from './deploy'
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './embedded'
