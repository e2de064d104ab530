import { join } from 'node:path'
import { action, header, openHost } from '../support/console'
import { expect, test } from '../support/test'

test.setTimeout(180_000)

test('a fence device is asked for what its program needs, and tested', async ({ page, operator, site }) => {
  const host = await openHost(page, operator, 'dev-04', 'configure')
  for (const device of await operator.api.query<{ id: string }[]>('fence.list', { hostId: host.id }))
    await operator.api.mutate('fence.delete', { fenceId: device.id })
  await expect(page.getByText('dev-04 has no fence device')).toBeVisible()
  await page.getByRole('main').getByRole('button', { name: 'Add fence device…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a fence device to dev-04' })
  await dialog.getByLabel('Name').fill('board-dev-04')
  await dialog.getByLabel('Program').selectOption('fence_drover_sim')
  await expect(dialog.getByLabel('Socket')).toBeVisible()
  await dialog.getByRole('button', { name: 'Add fence device' }).click()
  await expect(dialog.getByText('The program needs this.').first()).toBeVisible()
  await dialog.getByLabel('Socket').fill(join(site.dataDir, 'simulated/power.sock'))
  await dialog.getByLabel('Plug').fill('dev-04')
  await dialog.getByRole('button', { name: 'Add fence device' }).click()
  await expect(dialog).toBeHidden()
  const devices = page.getByRole('region', { name: 'Fence devices' })
  await devices.getByRole('button', { name: 'Test now' }).click()
  await expect(devices).toContainText('says that the power is on')
})

test('fencing names every VM that dies and asks for the name; its story tells itself; the host comes back', async ({
  page,
  operator,
}) => {
  const host = await openHost(page, operator, 'dev-04')
  const { vm } = (await operator.snapshot()).rows
  const dying = vm.filter((each) => each.hostId === host.id && each.power === 'running')
  expect(dying.length).toBeGreaterThan(3)
  await (await action(page, 'Fence')).click()
  const dialog = page.getByRole('dialog', { name: 'Fence dev-04' })
  const named = dialog.getByRole('list', { name: 'Its VMs' }).getByRole('listitem')
  await expect(named).toHaveCount(dying.length)
  for (const { name } of dying) await expect(named.filter({ hasText: name })).toBeVisible()
  // Those on the disks of the host itself can run nowhere else, and are told apart beforehand.
  await expect(named.filter({ hasText: /runs again on dev-0\d/ }).first()).toBeVisible()
  const restarted = await named.filter({ hasText: /runs again on dev-0\d/ }).count()
  const stay = dying.length - restarted
  await expect(named.filter({ hasText: /stays down/ })).toHaveCount(stay)
  const fence = dialog.getByRole('button', { name: 'Fence dev-04' })
  await expect(fence).toHaveAttribute('aria-disabled', 'true')
  await expect(fence).toHaveAccessibleDescription('Type dev-04 first.')
  await dialog.getByLabel('Type dev-04 to confirm').fill('dev-04')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeVisible()
  expect((await operator.host('dev-04')).state).toBe('connected')
  await dialog.getByLabel('Reason').fill('smoke')
  await fence.click()

  await expect(header(page)).toContainText(/fenced/, { timeout: 60_000 })
  await expect(page.getByText(/dev-04 is proven off/)).toBeVisible()
  await header(page).getByRole('link', { name: 'Incident' }).click()
  const main = page.getByRole('main')
  await expect(main.getByRole('region', { name: 'Timeline' })).toContainText('Fenced and proven off')
  await expect(main.getByRole('status').first()).toContainText(
    new RegExp(`proven off after .*; (all ${dying.length}|${restarted} of ${dying.length}) VMs run again`),
    { timeout: 90_000 },
  )
  await expect(main.getByRole('region', { name: 'Proof' })).toContainText('off')
  const rows = main.getByRole('region', { name: 'VMs' }).getByRole('row')
  await expect(rows).toHaveCount(dying.length + 1)
  await expect(rows.filter({ hasText: /running.*dev-0[123]/ })).toHaveCount(restarted)
  await expect(rows.filter({ hasText: /waits/ })).toHaveCount(stay)
  await expect(main.getByRole('region', { name: 'Against the objectives' })).toContainText(
    'First restart after proof',
  )

  await page.goto('/incidents')
  await expect(page.getByRole('table', { name: 'Incidents' }).getByRole('row').nth(1)).toContainText('dev-04')

  await openHost(page, operator, 'dev-04')
  await header(page).getByRole('button', { name: 'Power on' }).click()
  await expect(header(page)).toContainText('connected', { timeout: 60_000 })
  await expect
    .poll(async () => (await operator.snapshot()).rows.vm.filter((each) => each.recovery).length, {
      timeout: 60_000,
    })
    .toBe(0)
})

test('what nobody should be able to say lightly: the words of “I confirm that this host is off”', async ({
  page,
  operator,
}) => {
  await openHost(page, operator, 'prod-05')
  const confirm = await action(page, 'Confirm that it is off')
  await expect(confirm).toHaveAttribute('aria-disabled', 'true')
  await expect(confirm).toHaveAccessibleName(/is not off: its agent is heard/)
})
