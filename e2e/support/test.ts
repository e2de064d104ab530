import type { Operator } from '@drover/lab/drover'
import type { Role } from '@drover/model'
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { type Beginning, type Site, startSite } from './site'

/** What a project says of itself. */
export interface Settings {
  begin: Beginning
}

/** What pages may write to the console as an error; everything else fails the test. */
export interface Complaints {
  allow(...patterns: RegExp[]): void
}

interface Fixtures {
  /** Who has signed in, in the tests of this file. */
  as: Role | 'nobody'
  operator: Operator
  complaints: Complaints
  /** One more person at another machine, signed in as `role`. */
  another(role: Role): Promise<Page>
}

export const test = base.extend<Fixtures, Settings & { site: Site }>({
  begin: ['demo', { option: true, scope: 'worker' }],
  site: [
    async ({ begin }, use) => {
      const site = await startSite(begin, (line) => console.log(line))
      await use(site)
      await site.destroy()
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  as: ['admin', { option: true }],
  baseURL: ({ site }, use) => use(site.origin),
  storageState: ({ site, as }, use) => use(as === 'nobody' ? undefined : site.sessions[as]),
  operator: ({ site }, use) => use(site.operator),
  complaints: [
    async ({ context }, use) => {
      const said: string[] = []
      const allowed: RegExp[] = []
      listen(context, said)
      await use({ allow: (...patterns) => allowed.push(...patterns) })
      expect(
        said.filter((line) => !allowed.some((pattern) => pattern.test(line))),
        'what pages wrote to the console as errors',
      ).toEqual([])
    },
    { auto: true },
  ],
  another: async ({ browser, site, complaints: _ }, use) => {
    const contexts: BrowserContext[] = []
    await use(async (role) => {
      const context = await browser.newContext({
        baseURL: site.origin,
        storageState: site.sessions[role],
        viewport: { width: 1440, height: 900 },
      })
      contexts.push(context)
      return context.newPage()
    })
    for (const context of contexts) await context.close()
  },
})

function listen(context: BrowserContext, said: string[]): void {
  context.on('console', (message) => {
    if (message.type() === 'error') said.push(`${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => said.push(error.error().message))
}

export { expect, type Page }
