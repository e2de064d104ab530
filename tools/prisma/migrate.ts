// `npm run db:migrate [-- dev|status|deploy|diff … ]`: prisma migrate on the development database, which is started
// for it when DATABASE_URL names no other. Without arguments: `prisma migrate dev`.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startEmbeddedPostgres } from '@drover/store/postgres'

const root = fileURLToPath(new URL('../..', import.meta.url))
const given = process.argv.slice(2)
const args = given[0] && !given[0].startsWith('-') ? given : ['dev', ...given]

const server = process.env.DATABASE_URL
  ? undefined
  : await startEmbeddedPostgres({ dir: `${root}/.data/postgres-dev`, database: 'drover', log: console.error })
const env = { ...process.env, DATABASE_URL: process.env.DATABASE_URL ?? server?.url }
const cli = fileURLToPath(import.meta.resolve('prisma/build/index.js'))
const { status } = spawnSync(process.execPath, [cli, 'migrate', ...args], {
  cwd: root,
  env,
  stdio: 'inherit',
})
if (server && !server.reused) await server.stop()
process.exitCode = status ?? 1
