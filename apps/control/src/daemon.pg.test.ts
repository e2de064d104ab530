import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@drover/store/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliAt, type Running, runDaemon, runHosts, until } from './testing/daemon'

const A = 'http://127.0.0.1:18101'
const B = 'http://127.0.0.1:18102'
const AGENTS = 'http://127.0.0.1:18103'
const agentApp = new URL('../../agent', import.meta.url)

interface Health {
  leading: boolean
  term: number
  seq: number
  databaseAwaySince: number | null
}

const healthOf = async (url: string): Promise<Health> =>
  (await fetch(`${url}/api/health`)).json() as Promise<Health>
/** How many heartbeats the daemon has taken in since it began. */
const heartbeatsOf = async (url: string): Promise<number> => {
  const text = await (await fetch(`${url}/api/metrics`)).text()
  return Number(/^drover_heartbeat_seconds_count (\d+)$/m.exec(text)?.[1])
}
const leads = async (url: string) => (await healthOf(url)).leading

describe('control daemons, hosts and the command line, each a process of its own', () => {
  const dir = mkdtempSync(join(tmpdir(), 'drover-control-'))
  const bundle = join(dir, 'agent.mjs')
  const running: Running[] = []
  let postgres: EmbeddedPostgres
  let password = ''
  let cli: ReturnType<typeof cliAt>

  const daemon = (port: number) => {
    const started = runDaemon({
      DROVER_DATA: dir,
      // A server of the test's own: a built-in one would be started again as soon as the test stops it.
      DATABASE_URL: postgres.url,
      DROVER_API_PORT: String(port),
      DROVER_AGENT_PORT: '18103',
      DROVER_AGENT_URL: AGENTS,
      DROVER_AGENT_BUNDLE: bundle,
      DROVER_PUBLIC_URL: A,
      DROVER_LOG_LEVEL: 'warn',
      PATH: [join(dir, 'programs'), fileURLToPath(new URL('fence', `${agentApp}/`)), process.env.PATH].join(
        ':',
      ),
    })
    running.push(started)
    return started
  }
  const json = async (args: string[]) => {
    const { code, text, result } = await cli([...args, '--output', 'json'])
    expect(code, text).toBe(0)
    return JSON.parse(result)
  }

  beforeAll(async () => {
    execFileSync(process.execPath, ['build.mjs', bundle], { cwd: fileURLToPath(agentApp) })
    postgres = await startEmbeddedPostgres({ dir: join(dir, 'postgres'), database: 'drover' })
    const first = daemon(18101)
    await until('the first daemon leads', () => leads(A), 30_000).catch((error) => {
      throw new Error(`${error.message}\n${first.printed()}`)
    })
    await until('the password is printed', () => /the password (\S+)/.test(first.printed()))
    password = /the password (\S+)/.exec(first.printed())![1]!
    cli = cliAt(A)
  })
  afterAll(async () => {
    for (const { child, ended } of running.reverse()) {
      child.kill('SIGTERM')
      const forced = setTimeout(() => child.kill('SIGKILL'), 6_000)
      await ended
      clearTimeout(forced)
    }
    await postgres.stop()
    for (const made of [dir, cli.home]) rmSync(made, { recursive: true, force: true })
  })

  it('signs in from the command line, and keeps the key where only its owner reads it', async () => {
    expect(await cli(['vm', 'list'])).toMatchObject({
      code: 5,
      text: expect.stringContaining('not signed in'),
    })
    expect(await cli(['login', '--user', 'admin'], 'wrong')).toMatchObject({ code: 5 })
    const { code, text } = await cli(['login', '--user', 'admin'], password)
    expect(text).toContain(`Signed in at ${A} as admin, admin`)
    expect(code).toBe(0)
    expect(statSync(join(cli.home, 'drover/credentials.json')).mode & 0o777).toBe(0o600)
  })

  it('makes a data centre and lets hosts join it', async () => {
    expect(await cli(['datacenter', 'create', 'Berlin'])).toMatchObject({ code: 0 })
    const tokens: Record<string, string[]> = {}
    const description = runHosts(['describe', '--hosts', '3', '--vms', '9'], {})
    expect(await description.ended, description.printed()).toBe(0)
    const { hosts } = JSON.parse(description.result()) as { hosts: { cluster: string }[] }
    for (const { cluster } of hosts) {
      if (!tokens[cluster]) {
        expect(await cli(['cluster', 'create', cluster])).toMatchObject({ code: 0 })
        tokens[cluster] = []
      }
      tokens[cluster].push((await json(['host', 'join-token', cluster])).token)
    }
    const file = join(dir, 'tokens.json')
    writeFileSync(file, JSON.stringify(tokens))
    const simulate = ['--dir', join(dir, 'hosts'), 'simulate', '--hosts', '3', '--vms', '9']
    running.push(runHosts([...simulate, '--server', AGENTS, '--tokens', file], {}))
    await until(
      'the hosts are connected',
      async () => {
        const rows = (await json(['host', 'list'])) as { state: string }[]
        return rows.length === 3 && rows.every((row) => row.state === 'connected')
      },
      40_000,
    )
    await until('their VMs are adopted', async () => (await json(['vm', 'list'])).length === 9)
  })

  it('serves the agent as it was built, where the join command fetches it', async () => {
    const [cluster] = (await json(['cluster', 'list'])) as { name: string }[]
    const { result } = await cli(['host', 'join-token', cluster!.name])
    const url = /http\S+\/drover-agent\.mjs/.exec(result)![0]
    expect(url).toBe(`${AGENTS}/drover-agent.mjs`)
    const served = await fetch(url)
    const built = readFileSync(bundle)
    expect(served.headers.get('etag')).toBe(`"${createHash('sha256').update(built).digest('hex')}"`)
    expect(Buffer.from(await served.arrayBuffer()).equals(built)).toBe(true)
  })

  it('tells scripts apart what happened', async () => {
    expect(await cli(['vm', 'list', '--nonsense'])).toMatchObject({ code: 2 })
    expect(await cli(['vm', 'show', 'nobody'])).toMatchObject({ code: 4, text: 'There is no VM "nobody".\n' })
    expect(await cli(['datacenter', 'create', 'Berlin'])).toMatchObject({ code: 3 })
    expect(await cli(['vm', 'list'], '', { DROVER_SERVER: 'http://127.0.0.1:18199' })).toMatchObject({
      code: 5,
    })
  })

  it('acts on VMs: plan, work, outcome', async () => {
    const [vm] = (await json(['vm', 'list', '--power', 'running'])) as { name: string; hostId: string }[]
    const plan = await cli(['vm', 'stop', vm!.name, '--dry-run'])
    expect(plan).toMatchObject({ code: 0, text: expect.stringContaining('Nothing was changed.') })
    const refusedPlan = await cli(['vm', 'start', vm!.name, '--dry-run'])
    expect(refusedPlan).toMatchObject({ code: 3, text: expect.stringContaining('It cannot be done now') })
    expect(await cli(['vm', 'stop', vm!.name, '--reason', 'a test'])).toMatchObject({ code: 0 })
    expect((await json(['vm', 'show', vm!.name])).vm.power).toBe('off')
    expect(await cli(['vm', 'stop', vm!.name])).toMatchObject({ code: 3 })
    expect(await cli(['vm', 'start', vm!.name])).toMatchObject({ code: 0 })
    const [task] = await json(['task', 'list', '--vm', vm!.name, '--limit', '1'])
    expect(task).toMatchObject({ kind: 'vm.start', state: 'succeeded', initiator: { name: 'admin' } })
    const events = (await json(['event', 'list', '--about', vm!.name, '--kind', 'task.ended'])) as unknown[]
    expect(events).toHaveLength(2)
    expect(await cli(['event', 'verify'])).toMatchObject({
      code: 0,
      text: expect.stringContaining('are whole'),
    })
  })

  it('answers questions that are longer than an address may be, and none from another site', async () => {
    const [cluster] = (await json(['cluster', 'list'])) as { id: string; name: string }[]
    const one = { metric: 'cpu', above: 0.8, until: 0.6, hostIds: [], tags: ['a tag of some length'] }
    const thresholds = Array.from({ length: 60 }, (_, i) => ({ ...one, name: `rule number ${i}` }))
    const file = join(dir, 'draft.json')
    writeFileSync(file, JSON.stringify({ thresholds }))
    const { conflicts } = await json(['cluster', 'draft', cluster!.name, file])
    for (const i of [0, 59]) expect(JSON.stringify(conflicts)).toContain(`rule number ${i}`)
    const ask = (procedure: string, method: string, origin: string) =>
      fetch(`${A}/api/trpc/${procedure}`, {
        method,
        headers: { 'content-type': 'application/json', origin, authorization: `Bearer ${key}` },
        ...(method === 'POST'
          ? { body: JSON.stringify({ clusterId: cluster!.id, rules: { thresholds } }) }
          : {}),
      })
    const key = await keyOf(cli)
    expect((await ask('cluster.draftRules', 'POST', A)).status).toBe(200)
    expect((await ask('cluster.draftRules', 'POST', 'http://elsewhere.example')).status).toBe(403)
    // The other way round stays closed: nothing is changed by an address.
    expect((await ask('cluster.delete', 'GET', A)).status).toBe(405)
  })

  it('migrates a VM live', async () => {
    const all = (await json(['vm', 'list', '--power', 'running'])) as { name: string; hostId: string }[]
    let moved: string | null = null
    for (const vm of all) {
      const { targets } = await json(['vm', 'targets', vm.name])
      const target = targets.find((option: { best: string | null }) => option.best !== null)
      if (!target) continue
      const { code, text } = await cli(['vm', 'migrate', vm.name, '--to', target.host.name])
      expect(code, text).toBe(0)
      expect(text).toMatch(new RegExp(`${vm.name} moved live.* to ${target.host.name} in`))
      expect((await json(['vm', 'show', vm.name])).host.name).toBe(target.host.name)
      moved = vm.name
      break
    }
    expect(moved).not.toBeNull()
  })

  it('fences a host: proven off, its VMs run elsewhere, the story is told, and it comes back', async () => {
    type Row = { id: string; name: string; clusterId: string; state: string }
    const hosts = (await json(['host', 'list'])) as Row[]
    const host = hosts.find(({ id, clusterId }) =>
      hosts.some((other) => other.id !== id && other.clusterId === clusterId),
    )!
    const runs = async (on: string[]) =>
      ((await json(['vm', 'list', '--power', 'running', ...on])) as { name: string }[]).map(
        ({ name }) => name,
      )
    const [all, theirs] = [await runs([]), await runs(['--host', host.name])]
    expect(theirs.length).toBeGreaterThan(0)
    const params = ['--param', `socket=${join(dir, 'hosts/power.sock')}`, '--param', `plug=${host.name}`]
    const added = await cli(['fence', 'add', host.name, 'fence_drover_sim', '--name', 'board', ...params])
    expect(added.code, added.text).toBe(0)
    expect(await cli(['fence', 'test', 'board'])).toMatchObject({
      code: 0,
      text: expect.stringContaining('the power is on'),
    })
    const wrong = await cli(['host', 'fence', host.name, '--confirm', 'no'])
    expect(wrong.code, wrong.text).toBe(3)
    const plan = await cli(['host', 'fence', host.name, '--dry-run'])
    for (const name of theirs) expect(plan.text).toContain(name)
    const fenced = await cli(['host', 'fence', host.name, '--confirm', host.name, '--reason', 'a test'])
    expect(fenced, fenced.text).toMatchObject({ code: 0, text: expect.stringContaining('board says that') })
    const shown = await json(['host', 'show', host.name])
    expect(shown.host).toMatchObject({ state: 'fenced', proof: { by: 'device' } })
    expect(await cli(['host', 'power-on', host.name])).toMatchObject({ code: 0 })
    // Also those whose disks are on the host itself.
    await until('all of them run again', async () => (await runs([])).length === all.length, 60_000)
    const [incident] = (await json(['incident', 'list', '--host', host.name])) as { id: string }[]
    const story = await cli(['incident', 'show', incident!.id])
    for (const text of ['decided: Switch it off: a test.', 'proven off', 'back', ...theirs])
      expect(story.text).toContain(text)
  })

  it('keeps the secret of a fence device sealed, wherever it writes', async () => {
    const secret = 'open-sesame-4711'
    mkdirSync(join(dir, 'programs'))
    const metadata = ['socket', 'password']
      .map((name) => `<parameter name="${name}" required="1"><content type="string"/></parameter>`)
      .join('')
    // Says on when it is given the right word, on its standard input.
    const program = `#!/bin/sh
case "$*" in *metadata*) echo '<resource-agent name="fence_word" shortdesc="x"><parameters>${metadata}</parameters></resource-agent>'; exit 0;; esac
grep -q "^password=$(printf open-sesame-)4711$" && { echo 'Status: ON'; exit 0; }
exit 1
`
    writeFileSync(join(dir, 'programs/fence_word'), program, { mode: 0o755 })
    const [host] = (await json(['host', 'list'])) as { name: string }[]
    const words = ['fence', 'add', host!.name, 'fence_word', '--name', 'word', '--param', 'socket=none']
    const added = await cli([...words, '--level', '2', '--secret', 'password'], `${secret}\n`)
    expect(added.code, added.text).toBe(0)
    expect(await cli(['fence', 'test', 'word'])).toMatchObject({ code: 0 })
    expect(statSync(join(dir, 'secret.key')).mode & 0o777).toBe(0o600)
    for (const args of [
      ['fence', 'list'],
      ['event', 'list', '--limit', '50'],
      ['task', 'list'],
    ])
      expect(JSON.stringify(await json(args))).not.toContain(secret)
    // The database with its journal, the logs and the hosts: no file has it.
    const found = spawnSync('grep', ['-rlF', secret, dir], { encoding: 'utf8' })
    expect(found.stdout).toBe('')
    expect(running.map((one) => one.printed()).join('')).not.toContain(secret)
    expect(await cli(['fence', 'remove', 'word'])).toMatchObject({ code: 0 })
  })

  it('refuses changes while the database is away, goes on reading, and recovers', async () => {
    await json(['host', 'list'])
    await postgres.stop()
    await until('the daemon notices', async () => (await healthOf(A)).databaseAwaySince !== null)
    const refused = await cli(['datacenter', 'create', 'Hamburg'])
    expect(refused).toMatchObject({
      code: 5,
      text: expect.stringContaining('The database cannot be reached'),
    })
    const signIn = await fetch(`${A}/api/auth/sign-in/username`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: A },
      body: JSON.stringify({ username: 'admin', password }),
    })
    expect(signIn.status).toBe(503)
    expect(((await signIn.json()) as { message: string }).message).toMatch(/^Nobody can sign in now\./)
    // More than a host may miss: heartbeats of three hosts have to go on being taken.
    const before = await heartbeatsOf(A)
    await until('heartbeats go on', async () => (await heartbeatsOf(A)) >= before + 15)
    const hosts = (await json(['host', 'list'])) as { state: string }[]
    expect(hosts.map((host) => host.state)).toEqual(['connected', 'connected', 'connected'])

    postgres = await startEmbeddedPostgres({ dir: join(dir, 'postgres'), database: 'drover' })
    await until('the daemon has it back', async () => (await healthOf(A)).databaseAwaySince === null)
    expect(await cli(['datacenter', 'create', 'Hamburg'])).toMatchObject({ code: 0 })
    expect(await cli(['event', 'verify'])).toMatchObject({ code: 0 })
  })

  it('hands over within ten seconds when the leader is killed', async () => {
    daemon(18102)
    const turnedAway = await until('the second daemon stands by', async () => {
      const response = await fetch(`${B}/api/trpc/inventory.snapshot`)
      const { message } = (await response.json()) as { message: string }
      return message.includes('standby') && { status: response.status, message }
    })
    expect(turnedAway.status).toBe(503)
    expect(await leads(B)).toBe(false)

    const { term } = await healthOf(A)
    running.find(({ child }) => child.exitCode === null && child.signalCode === null)!.child.kill('SIGKILL')
    await until('the second daemon leads', () => leads(B), 10_000)
    expect((await healthOf(B)).term).toBeGreaterThan(term)
    const { text } = await cli(['datacenter', 'create', 'Munich'], '', {
      DROVER_SERVER: B,
      DROVER_TOKEN: await keyOf(cli),
    })
    expect(text).toContain('Munich was created')
    await until('the hosts are back', async () => {
      const { result: out } = await cli(['host', 'list', '-o', 'json'], '', {
        DROVER_SERVER: B,
        DROVER_TOKEN: await keyOf(cli),
      })
      return (JSON.parse(out) as { state: string }[]).every((host) => host.state === 'connected')
    })
  })

  it('stops cleanly within two seconds', async () => {
    const last = running.at(-1)!
    const began = Date.now()
    last.child.kill('SIGTERM')
    expect(await last.ended, last.printed()).toBe(0)
    expect(Date.now() - began).toBeLessThan(2_000)
  })
})

async function keyOf(cli: { home: string }): Promise<string> {
  const { readFileSync } = await import('node:fs')
  return JSON.parse(readFileSync(join(cli.home, 'drover/credentials.json'), 'utf8')).token
}
