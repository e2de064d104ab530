import type { Operator } from '@drover/lab/drover'
import { action, header, openHost, recentTask } from '../support/console'
import { expect, type Page, test } from '../support/test'

test.setTimeout(200_000)

async function openPlan(page: Page, operator: Operator, host: string) {
  await openHost(page, operator, host)
  await header(page).getByRole('button', { name: 'Enter maintenance…' }).click()
  const dialog = page.getByRole('dialog', { name: `Take ${host} into maintenance` })
  await expect(dialog.getByRole('table', { name: 'Plan' })).toBeVisible()
  return dialog
}

async function homesOf(operator: Operator, host: string): Promise<string[]> {
  const { id } = await operator.host(host)
  const { vm } = (await operator.snapshot()).rows
  return vm.filter((each) => each.hostId === id && each.power === 'running').map(({ name }) => name)
}

test('a host is emptied by its plan: the blocker first, then exactly what was approved, then its VMs come home', async ({
  page,
  operator,
}) => {
  const host = await operator.host('dev-03')
  const vm = await operator.vm('dev-cache-01')
  const { ruleId } = await operator.api.mutate<{ ruleId: string }>('rule.create', {
    clusterId: host.clusterId,
    name: 'licensed machine',
    kind: 'vm-host',
    relation: 'on',
    strict: true,
    vmIds: [vm.id],
    hosts: [{ hostId: host.id, priority: 1 }],
  })
  const before = await homesOf(operator, 'dev-03')
  const dialog = await openPlan(page, operator, 'dev-03')
  const row = dialog.getByRole('row').filter({ hasText: 'dev-cache-01' })
  await expect(row).toContainText('blocked')
  await expect(row).toContainText('Change the rule "licensed machine"')
  const approve = dialog.getByRole('button', { name: /^Move \d+ VMs and enter maintenance/ })
  await expect(approve).toHaveAttribute('aria-disabled', 'true')
  await expect(approve).toHaveAccessibleDescription(/1 VM can go nowhere/)
  await expect(dialog.getByRole('region', { name: 'Memory of hosts before and after' })).toContainText(
    'dev-03',
  )

  // The blocker is mended elsewhere; the plan follows by itself.
  await operator.api.mutate('rule.delete', { ruleId })
  await expect(row).not.toContainText('blocked')
  await expect(row).toContainText('live')
  await expect(approve).not.toHaveAttribute('aria-disabled', 'true')
  await dialog.getByLabel('Reason').fill('new fans')
  await approve.click()
  await expect(dialog).toBeHidden()

  await expect(header(page)).toContainText('entering maintenance')
  const task = recentTask(page, 'evacuate dev-03')
  await task.getByRole('link').first().click()
  await expect(page.getByRole('region', { name: 'Its parts' })).toContainText('migrate dev-')
  await expect(page.getByRole('main')).toContainText('new fans')
  await expect(task).toContainText(/dev-03 is in maintenance, \d+ VMs moved/, { timeout: 90_000 })
  await openHost(page, operator, 'dev-03')
  await expect(header(page)).toContainText('maintenance')
  expect(await homesOf(operator, 'dev-03')).toEqual([])

  await header(page).getByRole('button', { name: 'Exit maintenance…' }).click()
  const exit = page.getByRole('dialog', { name: 'Put dev-03 back into service' })
  await expect(exit.getByRole('checkbox', { name: /^Bring its VMs home/ })).toBeChecked()
  await exit.getByRole('button', { name: 'Exit maintenance' }).click()
  await expect(header(page)).toContainText('connected')
  await expect
    .poll(async () => (await homesOf(operator, 'dev-03')).length, { timeout: 60_000 })
    .toBeGreaterThanOrEqual(2)

  // Cancelled half-way, everything runs on where it is by then.
  const back = recentTask(page, 'end the maintenance of dev-03')
  await back.getByRole('button', { name: 'Cancel end the maintenance of dev-03' }).click()
  await expect(back).toContainText(/cancelled|Stopped|moved/i, { timeout: 60_000 })
  await expect(page.getByRole('region', { name: 'Recent tasks' })).toContainText('none under way', {
    timeout: 60_000,
  })
  const { rows } = await operator.snapshot()
  const stopped = before.filter((name) => rows.vm.find((each) => each.name === name)?.power !== 'running')
  expect(stopped).toEqual([])
  expect((await operator.host('dev-03')).mode).toBe('normal')
})

test('when the world changes under a plan, nothing runs: the new plan is shown', async ({
  page,
  operator,
  complaints,
}) => {
  complaints.allow(/status of 4\d\d/)
  const dialog = await openPlan(page, operator, 'dev-02')
  const task = await operator.do('vm.migrate', { vmId: (await operator.vm('dev-app-05')).id })
  expect(task.state).toBe('succeeded')
  await dialog.getByRole('button', { name: /^Move \d+ VMs/ }).click()
  await expect(dialog.getByRole('alert')).toContainText(/something changed: .*This is the new one/)
  await expect(dialog.getByRole('row').filter({ hasText: 'dev-app-05' })).toHaveCount(0)
  expect((await operator.host('dev-02')).mode).toBe('normal')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
})

test('shutting a host down asks what becomes of its guests, and for its name only where they stop', async ({
  page,
  operator,
}) => {
  await openHost(page, operator, 'dev-02')
  await (await action(page, 'Shut down')).click()
  const dialog = page.getByRole('dialog', { name: 'Shut down dev-02' })
  await expect(dialog.getByRole('table', { name: 'Plan' })).toBeVisible()
  await expect(dialog.getByLabel('Type dev-02 to confirm')).toHaveCount(0)
  await dialog.getByRole('radio', { name: 'Restart them elsewhere' }).check()
  await expect(dialog.getByLabel('Type dev-02 to confirm')).toBeVisible()
  await expect(dialog).toContainText('dev-db-01')
  await page.keyboard.press('Escape')
})
