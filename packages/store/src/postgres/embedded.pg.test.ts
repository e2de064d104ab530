import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedPostgres } from './embedded'
import { startTestServer, type TestServer } from './test-server'

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

describe('startEmbeddedPostgres', () => {
  let server: TestServer
  beforeEach(async () => {
    server = await startTestServer()
  })
  afterEach(() => server.remove())

  it('is durable and listens on this machine only', async () => {
    const rows = await query(
      server.url,
      `SELECT name, setting FROM pg_settings
       WHERE name IN ('fsync', 'synchronous_commit', 'listen_addresses', 'unix_socket_directories')`,
    )
    expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
    })
  })

  it('keeps its password to itself and wants it', async () => {
    const file = join(server.dir, 'server', 'data', 'drover.password')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const wrong = server.url.replace(/:[^:@]+@/, ':guess@')
    await expect(query(wrong, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  })

  it('finds the running server again, on the same address', async () => {
    const { url, pid } = server
    expect(await server.restart()).toMatchObject({ reused: true, url, pid })
  })

  it('brings back everything committed after kill -9, on the same port', async () => {
    const { url, pid } = server
    await query(url, 'CREATE TABLE kept (id int); INSERT INTO kept SELECT generate_series(1, 1000)')
    await server.crash()
    await expect(query(url, 'SELECT 1')).rejects.toThrow()
    const again = await server.restart()
    expect(again).toMatchObject({ reused: false, url })
    expect(again.pid).not.toBe(pid)
    expect(await query(url, 'SELECT count(*)::int AS count FROM kept')).toEqual([{ count: 1000 }])
  })

  it('starts although the pid file names a living process of another kind', async () => {
    await server.stop()
    const pidFile = join(server.dir, 'server', 'data', 'postmaster.pid')
    writeFileSync(pidFile, `${process.pid}\n${join(server.dir, 'server', 'data')}\n0\n1\n`)
    expect((await server.restart()).reused).toBe(false)
  })

  it('stops within two seconds under load and keeps what was committed', async () => {
    await query(server.url, 'CREATE TABLE busy (id int)')
    const clients = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const client = new pg.Client({ connectionString: server.url })
        client.on('error', () => {})
        await client.connect()
        return client
      }),
    )
    let committed = 0
    const load = clients.map(async (client) => {
      for (;;) {
        await client.query('INSERT INTO busy SELECT generate_series(1, 100)')
        committed += 100
      }
    })
    const ended = Promise.allSettled(load)
    await expect.poll(() => committed).toBeGreaterThan(2000)
    const before = performance.now()
    await server.stop()
    expect(performance.now() - before).toBeLessThan(2500)
    await ended
    await server.restart()
    const [row] = await query(server.url, 'SELECT count(*)::int AS count FROM busy')
    expect(row?.count).toBeGreaterThanOrEqual(committed)
  })

  it('takes another port when its own was taken meanwhile', async () => {
    await server.stop()
    const port = Number(new URL(server.url).port)
    const squatter = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('ready'))`,
    ])
    try {
      await once(squatter.stdout, 'data')
      const again = await server.restart()
      expect(again.port).not.toBe(port)
      expect(await query(again.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    } finally {
      squatter.kill()
      await once(squatter, 'exit')
    }
  })
})

describe('startEmbeddedPostgres from several processes', () => {
  let dir: string
  const home = () => join(dir, 'postgres')
  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'drover-embedded-')))
  })
  afterEach(async () => {
    if (existsSync(home())) await (await startEmbeddedPostgres({ dir: home(), database: 'postgres' })).stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const starter = () =>
    fork(fileURLToPath(new URL('./fixtures/start-server.ts', import.meta.url)), [home()], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })

  it('gives two first starts at once the one server, and leaves it to the next after they are killed', async () => {
    chmodSync(dir, 0o755)
    const processes = [starter(), starter()]
    const answers = await Promise.all(processes.map(async (child) => (await once(child, 'message'))[0]))
    expect(answers[0].pid).toBe(answers[1].pid)
    expect(answers[0].url).toBe(answers[1].url)
    for (const child of processes) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const found = await startEmbeddedPostgres({ dir: home(), database: 'postgres' })
    expect(found).toMatchObject({ reused: true, pid: answers[0].pid })
    expect(readFileSync(join(home(), 'server.log'), 'utf8')).toContain('ready to accept')
  })

  it.runIf(process.getuid?.() === 0)('works from a directory that only root may enter', async () => {
    // mkdtemp made `dir` 0700: the account that PostgreSQL runs as cannot enter it.
    const notes: string[] = []
    const server = await startEmbeddedPostgres({
      dir: home(),
      database: 'postgres',
      log: (note) => notes.push(note),
    })
    try {
      expect(notes.join()).toContain('the database is in /var/lib/drover/postgres-')
      expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
      expect(await startEmbeddedPostgres({ dir: home(), database: 'postgres' })).toMatchObject({
        reused: true,
        pid: server.pid,
      })
    } finally {
      await server.stop()
      rmSync(realpathSync(home()), { recursive: true })
    }
  })
})
