import type { Operator } from '@drover/lab/drover'
import type { Cluster } from '@drover/model'
import { openVm } from '../support/console'
import { expect, type Page, test } from '../support/test'

test.setTimeout(200_000)

async function production(operator: Operator): Promise<Cluster> {
  return (await operator.snapshot()).rows.cluster.find(({ name }) => name === 'Production')!
}

async function openCluster(page: Page, operator: Operator, tab: string): Promise<void> {
  const { id } = await production(operator)
  await page.goto(`/clusters/${id.slice('cluster-'.length)}/${tab}`)
}

test('a threshold is a sentence while one types, with its conflicts and what it would do; applied, a VM moves', async ({
  page,
  operator,
}) => {
  const { id: clusterId } = await production(operator)
  await operator.api.mutate('cluster.changeBalance', { clusterId, changes: { mode: 'manual' } })
  // The demo's own would have a say before it.
  for (const { id } of (await operator.snapshot()).rows.threshold)
    await operator.api.mutate('threshold.delete', { thresholdId: id })
  await openCluster(page, operator, 'rules')
  await page
    .getByRole('region', { name: 'Thresholds' })
    .getByRole('button', { name: 'New threshold…' })
    .click()
  const dialog = page.getByRole('dialog', { name: 'New threshold for Production' })
  await dialog.getByLabel('Name').fill('busy hosts')
  await dialog.getByLabel('Is above').fill('80')
  await dialog.getByLabel('For', { exact: true }).fill('0.5')
  await expect(
    dialog.getByText(/^When CPU of any host is above 80 % for 30 s, .*VMs away until it is under 70 %/),
  ).toBeVisible()

  await dialog.getByLabel('Move VMs away until under').fill('90')
  await expect(dialog.getByText('Has to be less than the level above.')).toBeVisible()
  await dialog.getByLabel('Move VMs away until under').fill('79')
  await expect(dialog.getByRole('alert').filter({ hasText: 'acts again and again' })).toBeVisible()
  await dialog.getByLabel('Move VMs away until under').fill('65')
  await expect(dialog.getByRole('alert').filter({ hasText: 'acts again and again' })).toHaveCount(0)
  const now = dialog.getByRole('region', { name: 'What it would do' })
  await expect(now).toContainText(/prod-\d\d → prod-\d\d/)
  await dialog.getByRole('button', { name: 'Make threshold' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('list', { name: 'Thresholds' })).toContainText('busy hosts')

  await openCluster(page, operator, 'recommendations')
  const card = page.getByRole('region', { name: 'Recommendation of busy hosts' })
  await expect(card).toBeVisible({ timeout: 120_000 })
  await expect(card.getByRole('img', { name: /^Load of hosts before and after/ })).toBeVisible()
  await expect(card).toContainText('CPU apart')
  const row = card.getByRole('table', { name: 'Moves' }).getByRole('row').nth(1)
  await row.getByRole('button', { name: /^Why/ }).click()
  await expect(card).toContainText('Why not the others')
  const name = (await row.getByRole('link').first().textContent())!
  const before = (await operator.vm(name)).hostId
  await card.getByRole('button', { name: /^Apply/ }).click()
  await expect.poll(async () => (await operator.vm(name)).hostId, { timeout: 90_000 }).not.toBe(before)
})

test('a decision keeps its record, and is replayed under the rules of today', async ({ page, operator }) => {
  await expect
    .poll(
      async () => (await operator.snapshot()).rows.decision.filter(({ state }) => state === 'done').length,
      {
        timeout: 90_000,
      },
    )
    .toBeGreaterThan(0)
  await openCluster(page, operator, 'decisions')
  const table = page.getByRole('table', { name: 'Decisions' })
  await page.getByLabel('Filter Decisions').fill('carried out')
  await expect(page).toHaveURL(/q=carried/)
  await table.getByRole('link', { name: 'busy hosts' }).first().click()
  const main = page.getByRole('main')
  await expect(main.getByRole('region', { name: 'Decided by' })).toContainText(
    'When CPU of any host is above 80 %',
  )
  await expect(main.getByRole('table', { name: 'Moves' })).toContainText('done')
  const replay = main.getByRole('region', { name: 'Replay under today’s rules' })
  await replay.getByRole('button', { name: 'Replay' }).click()
  await expect(replay.getByRole('status')).toContainText(/decide the same|decide otherwise/)
  await expect(replay.getByRole('region', { name: 'Then' })).toContainText('→')
})

test('why a VM is not on another host is answered for every host', async ({ page, operator }) => {
  const vm = await openVm(page, operator, 'web-01')
  await page.getByRole('button', { name: 'Why not there…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Why is web-01 not elsewhere?' })
  const hosts = (await operator.snapshot()).rows.host.filter(
    (host) => host.clusterId === vm.clusterId && host.id !== vm.hostId,
  )
  await expect(dialog.getByRole('radio')).toHaveCount(hosts.length)
  await dialog.getByRole('radio', { name: hosts[1]!.name }).check()
  await expect(dialog).toContainText(hosts[1]!.name)
  await expect(dialog.getByRole('table', { name: 'Load, if it went there' })).toBeVisible()
})

test('all automation of a cluster ends with one click', async ({ page, operator }) => {
  const { id: clusterId } = await production(operator)
  await operator.api.mutate('cluster.changeBalance', { clusterId, changes: { mode: 'full' } })
  await openCluster(page, operator, 'rules')
  const bar = page.getByRole('region', { name: 'Automation' })
  await expect(bar).toContainText('automatic')
  await bar.getByRole('button', { name: 'Switch all automation off' }).click()
  await expect(bar).toContainText('automation off')
  const modes = async () => {
    const { balance, power } = await production(operator)
    return [balance?.mode ?? 'off', power?.mode ?? 'off']
  }
  await expect.poll(modes).toEqual(['off', 'off'])
  await openCluster(page, operator, 'recommendations')
  await expect(page.getByText('The automation of Production is off')).toBeVisible()
})
