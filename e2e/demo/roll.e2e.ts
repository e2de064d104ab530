import { action, header, recentTask } from '../support/console'
import { expect, test } from '../support/test'

test.setTimeout(300_000)

test('a cluster is rolled through host by host: it waits for a person, outlives control, and stops when cancelled', async ({
  page,
  operator,
  site,
  complaints,
}) => {
  complaints.allow(/Failed to load resource/, /WebSocket connection to .* failed/)
  const { clusterId } = await operator.host('prod-04')
  const running = async () =>
    (await operator.snapshot()).rows.vm.filter((vm) => vm.power === 'running').length
  const before = await running()
  await page.goto(`/clusters/${clusterId.slice('cluster-'.length)}`)
  await (await action(page, 'Rolling maintenance')).click()
  const dialog = page.getByRole('dialog', { name: 'Rolling maintenance of Production' })
  // One begins at the top: what is to be done with each host.
  await expect(dialog.getByRole('radio', { name: 'Wait for me' })).toBeFocused()
  for (const name of ['prod-01', 'prod-02', 'prod-03', 'prod-05', 'prod-06', 'prod-07'])
    await dialog.getByRole('checkbox', { name, exact: true }).uncheck()
  await expect(dialog.getByRole('region', { name: 'Plan' })).toContainText(/prod-04.*prod-08/)
  await dialog.getByLabel('Reason').fill('new firmware')
  await dialog.getByRole('button', { name: 'Begin with 2 hosts' }).click()
  await expect(dialog).toBeHidden()

  const row = recentTask(page, 'roll through Production')
  await row.getByRole('link').first().click()
  const main = page.getByRole('main')
  await expect(main.getByRole('region', { name: 'Its parts' })).toContainText('evacuate prod-04')
  const steps = main.getByRole('region', { name: 'Steps' })
  await expect(steps.getByRole('status')).toContainText('prod-04 is empty and in maintenance', {
    timeout: 120_000,
  })
  expect((await operator.host('prod-04')).mode).toBe('maintenance')

  // It waits for a person, however often control starts.
  await site.stack.processes.crash('control')
  await expect(page.getByText(/^No line to control/)).toBeVisible()
  site.stack.processes.restart('control')
  await expect(page.getByText(/^No line to control/)).toBeHidden({ timeout: 30_000 })
  const go = header(page).getByRole('button', { name: 'Continue' })
  await expect(go).toBeVisible()
  await go.click()
  const stepOf = (name: string) => steps.getByRole('listitem').filter({ hasText: name })
  await expect(stepOf('prod-04')).toContainText('done', { timeout: 90_000 })
  expect((await operator.host('prod-04')).mode).toBe('normal')
  await expect(stepOf('prod-08')).toContainText('under way')
  await expect(main.getByRole('region', { name: 'Its parts' })).toContainText('evacuate prod-08')
  await header(page).getByRole('button', { name: 'Cancel' }).click()
  await expect(header(page)).toContainText('cancelled', { timeout: 90_000 })
  await expect(stepOf('prod-08')).toContainText('cancelled')
  await expect(main.getByRole('region', { name: 'What happened' })).toContainText(
    'roll through Production: prod-04 is empty and in maintenance',
  )
  await expect.poll(async () => (await operator.host('prod-08')).mode, { timeout: 60_000 }).toBe('normal')
  expect(await running()).toBe(before)
})
