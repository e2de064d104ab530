import type { EvacuationPlan } from '@drover/model'
import { action, header, openHost } from '../support/console'
import { expect, test } from '../support/test'

test.setTimeout(300_000)

test('a host is shown to wake, put to sleep by hand, and woken again', async ({ page, operator }) => {
  const host = await operator.host('dev-02')
  const { fingerprint } = await operator.api.query<EvacuationPlan>('host.planEvacuation', { hostId: host.id })
  await operator.do('host.enterMaintenance', { hostId: host.id, fingerprint }, 120_000)
  await page.goto(`/clusters/${host.clusterId.slice('cluster-'.length)}/power`)
  const awake = page.getByRole('list', { name: 'Hosts that are awake' }).getByRole('listitem')
  const row = awake.filter({ has: page.getByRole('link', { name: 'dev-02', exact: true }) })
  await expect(row).toContainText('its wake-up was never proven')
  const sleep = row.getByRole('button', { name: 'Put to sleep…' })
  await expect(sleep).toHaveAttribute('aria-disabled', 'true')
  await expect(sleep).toHaveAccessibleDescription(/maintenance/)

  await row.getByRole('button', { name: 'Prove that it wakes…' }).click()
  const proof = page.getByRole('dialog', { name: 'Prove that dev-02 wakes' })
  await proof.getByRole('button', { name: 'Prove that it wakes' }).click()
  await expect(proof).toBeHidden()
  await expect(row).toContainText(/woken in \d+ s/, { timeout: 120_000 })
  await expect.poll(async () => (await operator.host('dev-02')).state, { timeout: 60_000 }).toBe('connected')

  await operator.do('host.exitMaintenance', { hostId: host.id, home: false }, 120_000)
  await expect(sleep).not.toHaveAttribute('aria-disabled', 'true', { timeout: 60_000 })
  await sleep.click()
  const dialog = page.getByRole('dialog', { name: 'Put dev-02 to sleep' })
  await dialog.getByLabel('Reason').fill('quiet weekend')
  await dialog.getByRole('checkbox', { name: /^Also if what is left/ }).check()
  await dialog.getByRole('button', { name: /put to sleep/i }).click()
  await expect(dialog).toBeHidden()
  const asleep = page.getByRole('list', { name: 'Hosts that sleep' }).getByRole('listitem')
  await expect(asleep.filter({ hasText: 'dev-02' })).toContainText(/quiet weekend/, { timeout: 120_000 })
  await expect(asleep.filter({ hasText: 'dev-02' })).toContainText('until somebody wakes it')

  await openHost(page, operator, 'dev-02')
  await expect(header(page)).toContainText('asleep')
  await expect(page.getByRole('main')).toContainText('It stays so until somebody wakes it.')
  const migrate = await action(page, 'Enter maintenance')
  await expect(migrate).toHaveAttribute('aria-disabled', 'true')
  await expect(migrate).toHaveAccessibleName(/asleep/)
  await page.keyboard.press('Escape')
  await header(page).getByRole('button', { name: 'Wake' }).click()
  await expect(header(page)).toContainText('connected', { timeout: 120_000 })
})
