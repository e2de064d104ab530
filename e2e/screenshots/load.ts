import { until } from '@drover/harness/wait'
import type { Site } from '../support/site'
import { menu, type Scene, toHost, toVm, vmAddress } from './scene'

/** Waits until the overloaded host of the demo has led to a recommendation. */
async function recommended(site: Site): Promise<void> {
  await until('A recommendation', 180_000, async () => {
    const { decision } = (await site.operator.snapshot()).rows
    return decision.some(({ state }) => state === 'open') || null
  })
}

export const load: readonly Scene[] = [
  {
    name: 'recommendation-why',
    site: 'demo',
    address: '/clusters/1/recommendations',
    before: recommended,
    act: (page) => page.getByRole('button', { name: /^Why/ }).first().click(),
  },
  {
    name: 'dialog-dismiss',
    site: 'demo',
    address: '/clusters/1/recommendations',
    act: (page) => page.getByRole('button', { name: 'Dismiss…' }).first().click(),
  },
  {
    name: 'decision-open',
    site: 'demo',
    address: '/clusters/1/recommendations',
    act: (page) => page.getByRole('link', { name: 'Its record' }).first().click(),
  },
  {
    name: 'dialog-threshold',
    site: 'demo',
    address: '/clusters/1/rules',
    async act(page) {
      await page.getByRole('button', { name: 'New threshold…' }).first().click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Name').fill('busy hosts')
      await dialog.getByText('With the load as it is.').waitFor()
      await dialog.getByRole('alert').first().waitFor()
    },
  },
  {
    name: 'dialog-threshold-backtest',
    site: 'demo',
    address: '/clusters/1/rules',
    async act(page) {
      await page.getByRole('button', { name: 'New threshold…' }).first().click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('tab', { name: 'Backtest' }).click()
      await dialog.getByRole('button', { name: 'Run backtest' }).click()
      await dialog.getByRole('table', { name: 'Backtest' }).waitFor()
    },
  },
  {
    name: 'dialog-balance',
    site: 'demo',
    address: '/clusters/1/rules',
    async act(page) {
      await page.getByRole('button', { name: 'Change the balance…' }).click()
      await page.getByRole('dialog').getByText('The figures that the level stands for').waitFor()
    },
  },
  {
    name: 'dialog-power-rules',
    site: 'demo',
    address: '/clusters/1/rules',
    async act(page) {
      await page.getByRole('button', { name: 'Change power saving…' }).click()
      await page.getByRole('dialog').getByRole('radio', { name: 'full' }).check()
    },
  },
  {
    name: 'dialog-why-not',
    site: 'demo',
    address: vmAddress,
    async act(page) {
      await toVm(page, 'db-01')
      await menu('Why not elsewhere')(page)
      // The last hosts of each four are older ones.
      await page.getByRole('radio', { name: 'prod-04' }).check()
      await page.getByRole('list', { name: 'Reasons' }).waitFor()
    },
  },
  { name: 'dialog-sleep', site: 'demo', address: '/hosts/1', act: menu('Put to sleep') },
  { name: 'dialog-prove-wake', site: 'demo', address: '/hosts/1', act: menu('Prove that it wakes') },
  {
    name: 'dialog-power-model',
    site: 'demo',
    address: '/clusters/1/power',
    act: (page) => page.getByRole('button', { name: /\d W$/ }).first().click(),
  },
]

/** A host that is emptied, shown to wake, and put to sleep: then each page that tells of it. */
export const asleep: readonly Scene[] = [
  {
    name: 'cluster-power-asleep',
    site: 'demo',
    address: '/clusters/1/power',
    async before(site) {
      const hostId = (await site.operator.host('prod-04')).id
      await site.operator.do('host.sleep', { hostId, test: true }, 180_000)
      await site.operator.do('host.sleep', { hostId, reason: 'quiet weekend' }, 180_000)
    },
  },
  { name: 'host-asleep', site: 'demo', address: '/hosts', act: (page) => toHost(page, 'prod-04') },
  { name: 'cluster-asleep', site: 'demo', address: '/clusters/1' },
  {
    name: 'cluster-hosts-asleep',
    site: 'demo',
    address: '/clusters/1/hosts',
    async after(site) {
      await site.operator.do('host.wake', { hostId: (await site.operator.host('prod-04')).id }, 180_000)
    },
  },
]

/** A recommendation that was applied, and its record. */
export const applied: readonly Scene[] = [
  {
    name: 'decision-done',
    site: 'demo',
    address: '/clusters/1/decisions',
    async before(site) {
      await recommended(site)
      const open = (await site.operator.snapshot()).rows.decision.find(({ state }) => state === 'open')!
      await site.operator.api.mutate('decision.carryOut', { decisionId: open.id })
      await until('The decision', 120_000, async () => {
        const { decision } = (await site.operator.snapshot()).rows
        return decision.every(({ id, state }) => id !== open.id || state !== 'running') || null
      })
    },
    async act(page) {
      await page
        .getByRole('table', { name: 'Decisions' })
        .getByRole('row', { name: /carried out|failed/ })
        .first()
        .getByRole('link')
        .click()
      await page.getByRole('button', { name: 'Replay' }).click()
      await page.getByRole('region', { name: 'Then' }).waitFor()
    },
  },
  { name: 'cluster-decisions-done', site: 'demo', address: '/clusters/1/decisions' },
]
