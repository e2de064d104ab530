import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { joinDemo } from '@drover/harness/demo'
import { type Stack, startStack } from '@drover/harness/stack'
import { createLab, type Lab } from '@drover/lab'
import { joinLab, Operator } from '@drover/lab/drover'
import type { Role } from '@drover/model'
import { startTestServer, type TestServer } from '@drover/store/test-server'
import { type BrowserContextOptions, request } from '@playwright/test'

/** What a site has at its beginning: the simulated data centre, nothing at all, or real hosts. */
export type Beginning = 'demo' | 'empty' | 'lab'

export type Session = Exclude<BrowserContextOptions['storageState'], string | undefined>

/** Who may sign in: one of each role. */
export const people: Record<Role, string> = { admin: 'admin', operator: 'anna', auditor: 'otto' }

/** Drover as a user has it, every part a process of its own. */
export interface Site {
  origin: string
  dataDir: string
  stack: Stack
  postgres: TestServer
  lab: Lab | null
  /** The same by API, as admin: to prepare, and to look from the side. */
  operator: Operator
  passwords: Record<Role, string>
  sessions: Record<Role, Session>
  destroy(): Promise<void>
}

const firstPort = 18_300

/** Starts everything and waits until it can be used. `say` hears what a developer should know of it. */
export async function startSite(begin: Beginning, say: (line: string) => void): Promise<Site> {
  const dataDir = mkdtempSync(join(tmpdir(), `drover-e2e-${begin}-`))
  const postgres = await startTestServer()
  const lab = begin === 'lab' ? await createLab({ name: 'clicks', hosts: 3 }) : null
  let stack: Stack | undefined
  async function destroy(): Promise<void> {
    await stack?.stop()
    await lab?.destroy()
    await postgres.remove()
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    await lab?.up()
    stack = await startStack({
      dataDir,
      port: firstPort,
      demo: begin === 'demo',
      databaseUrl: Object.assign(new URL(postgres.url), { pathname: '/drover' }).toString(),
      agentHost: lab?.controlAddress,
      died: (name, code) => say(`${name} ended by itself (exit code ${code}), while tests ran on it`),
    })
    if (begin === 'demo') await joinDemo(stack, dataDir)
    const api = lab ? await joinLab(stack, lab, 1) : await stack.admin()
    const { origin, adminPassword } = stack
    const passwords = { admin: adminPassword!, operator: password(), auditor: password() }
    for (const role of ['operator', 'auditor'] as const)
      await api.mutate('user.create', { name: people[role], role, password: passwords[role] })
    const roles = Object.keys(people) as Role[]
    const pairs = roles.map(async (role) => [role, await signIn(origin, people[role], passwords[role])])
    const sessions: Record<Role, Session> = Object.fromEntries(await Promise.all(pairs))
    return {
      origin,
      dataDir,
      stack,
      postgres,
      lab,
      operator: new Operator(api),
      passwords,
      sessions,
      destroy,
    }
  } catch (error) {
    await destroy()
    throw error
  }
}

const password = (): string => randomBytes(12).toString('base64url')

async function signIn(origin: string, username: string, password: string): Promise<Session> {
  const context = await request.newContext({ baseURL: origin, extraHTTPHeaders: { origin } })
  const answer = await context.post('/api/auth/sign-in/username', { data: { username, password } })
  if (!answer.ok()) throw new Error(`${username} cannot sign in: ${await answer.text()}`)
  const session = await context.storageState()
  await context.dispose()
  return session
}
