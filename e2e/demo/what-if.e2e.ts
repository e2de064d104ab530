import { expect, test } from '../support/test'

test('what if a host dies: where its VMs would run and after how long, without touching anything', async ({
  page,
  operator,
}) => {
  const { rows, seq } = await operator.snapshot()
  const cluster = rows.cluster.find(({ name }) => name === 'Production')!
  const host = rows.host.find(({ name }) => name === 'prod-02')!
  const lives = rows.vm.filter((vm) => vm.hostId === host.id && vm.power === 'running')
  await page.goto(`/clusters/${cluster.id.slice('cluster-'.length)}/what-if`)
  await expect(page.getByText('What if …?')).toBeVisible()
  await page.getByRole('button', { name: /^prod-02: press/ }).press('Enter')
  await expect(page).toHaveURL(/hosts=\d+/)
  const main = page.getByRole('main')
  await expect(main.getByRole('status').first()).toContainText(
    /^If prod-02 died now, \d+ VMs would run again within .* s/,
  )
  const table = page.getByRole('table', { name: 'VMs, if it died now' })
  for (const vm of lives.slice(0, 5)) {
    await expect(
      table.getByRole('row').filter({ has: page.getByRole('link', { name: vm.name, exact: true }) }),
    ).toContainText(/prod-0[1345678].*\d+(\.\d)? s|nowhere/)
  }
  await expect(
    page.getByRole('region', { name: 'How it would go on' }).getByRole('listitem').first(),
  ).toBeVisible()

  await page.getByRole('button', { name: 'Hosts', exact: false }).first().click()
  await page.getByRole('menuitemcheckbox', { name: 'prod-03' }).click()
  await page.keyboard.press('Escape')
  await expect(main.getByRole('status').first()).toContainText('If prod-02 and prod-03 died now')
  await page.reload()
  await expect(main.getByRole('status').first()).toContainText('If prod-02 and prod-03 died now')
  const after = (await operator.snapshot()).rows.host
  expect(
    after.every(({ state }) => state === 'connected'),
    `since event ${seq}`,
  ).toBe(true)
})

test('the failover capacity is a number on the cluster’s page, and settings are checked while one types', async ({
  page,
  operator,
}) => {
  const cluster = (await operator.snapshot()).rows.cluster.find(({ name }) => name === 'Production')!
  await page.goto(`/clusters/${cluster.id.slice('cluster-'.length)}/ha`)
  const capacity = page.getByRole('region', { name: 'Failover capacity' })
  await expect(capacity).toContainText(/\d of 8\s*hosts in service may die/)
  await expect(capacity).toContainText('kept free')
  await expect(page.getByRole('region', { name: 'Readiness to fence' })).toContainText('of 100')

  const suspect = page.getByLabel('Suspect after')
  await suspect.fill('1')
  await expect(page.getByText('A number from 2 to 60.')).toBeVisible()
  await suspect.fill('4')
  await expect(page.getByText('1 setting changed, not saved.')).toBeVisible()
  await page.getByRole('button', { name: 'Save settings' }).click()
  await expect(page.getByText('suspect after 4 s')).toBeVisible()
  await suspect.fill('3')
  await page.getByRole('button', { name: 'Save settings' }).click()
  await expect(page.getByText('suspect after 3 s')).toBeVisible()
})

test('disarming is said on every page, and ends with one click', async ({ page, operator }) => {
  const cluster = (await operator.snapshot()).rows.cluster.find(({ name }) => name === 'Development')!
  await page.goto(`/clusters/${cluster.id.slice('cluster-'.length)}/ha`)
  await page.getByRole('button', { name: 'Disarm…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Disarm Development' })
  await dialog.getByLabel('Reason').fill('work on the network')
  await dialog.getByRole('button', { name: 'Disarm Development' }).click()
  await expect(page.getByLabel('High availability').getByText('on hold')).toBeVisible()
  const alarms = page.getByRole('banner').getByRole('button', { name: /^Alarms:/ })
  await alarms.click()
  const line = page
    .getByRole('region', { name: 'Alarms' })
    .getByRole('listitem')
    .filter({ hasText: 'disarmed' })
  await expect(line).toBeVisible({ timeout: 30_000 })
  await line.getByRole('button', { name: /^Acknowledge/ }).click()
  await expect(line).toContainText('seen by admin')
  await page.getByRole('button', { name: 'Arm', exact: true }).click()
  await expect(line).toHaveCount(0, { timeout: 30_000 })
})

test('rules are sentences; one that cannot hold beside another is refused while it is written', async ({
  page,
  operator,
}) => {
  const cluster = (await operator.snapshot()).rows.cluster.find(({ name }) => name === 'Production')!
  await page.goto(`/clusters/${cluster.id.slice('cluster-'.length)}/rules`)
  await page.getByRole('button', { name: 'New rule…' }).first().click()
  const dialog = page.getByRole('dialog', { name: 'New rule' })
  await dialog.getByLabel('Name').fill('caches apart')
  for (const name of ['cache-01', 'cache-02'])
    await dialog.getByRole('checkbox', { name, exact: true }).check()
  await expect(dialog).toContainText('cache-01 and cache-02 must run on different hosts.')
  await dialog.getByRole('button', { name: 'Make rule' }).click()
  const table = page.getByRole('table', { name: 'Rules' })
  await expect(table).toContainText('cache-01 and cache-02 must run on different hosts.')

  await page.getByRole('button', { name: 'New rule…' }).first().click()
  await dialog.getByLabel('Name').fill('caches together')
  await dialog.getByRole('radio', { name: 'Together' }).check()
  for (const name of ['cache-01', 'cache-02'])
    await dialog.getByRole('checkbox', { name, exact: true }).check()
  await expect(dialog.getByRole('alert')).toContainText(
    'must be on different hosts and, by this rule, on one',
  )
  await expect(dialog.getByRole('button', { name: 'Make rule' })).toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('Escape')
  await table.getByRole('row').filter({ hasText: 'caches apart' }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Delete…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete rule' }).click()
  await expect(table.getByRole('row').filter({ hasText: 'caches apart' })).toHaveCount(0)
})
