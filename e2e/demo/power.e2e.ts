import { action, header, openVm, recentTask } from '../support/console'
import { expect, test } from '../support/test'

test('power verbs by click: off, on, suspended, on again, reset', async ({ page, operator }) => {
  await openVm(page, operator, 'app-01')
  await expect(header(page)).toContainText('running')
  const on = await action(page, 'Power on')
  await expect(on).toHaveAttribute('aria-disabled', 'true')
  await expect(on).toHaveAccessibleName(/app-01 is running; it has to be off/)
  await page.keyboard.press('Escape')

  await header(page).getByRole('button', { name: 'Shut down…' }).click()
  const asked = page.getByRole('dialog', { name: 'Shut down app-01' })
  await asked.getByLabel('It may take').fill('2')
  await asked.getByLabel('Reason').fill('new kernel')
  await asked.getByRole('button', { name: 'Shut down app-01' }).click()
  await expect(header(page)).toContainText('shutting down')
  await expect(header(page)).toContainText(/off/, { timeout: 30_000 })
  await expect(recentTask(page, 'shut down app-01')).toContainText('app-01 is off')

  await header(page).getByRole('button', { name: 'Power on' }).click()
  await expect(header(page)).toContainText('powering on')
  await expect(header(page)).toContainText('running')
  await (await action(page, 'Suspend')).click()
  await expect(header(page)).toContainText('suspended')
  await header(page).getByRole('button', { name: 'Resume' }).click()
  await expect(header(page)).toContainText('running')
  await (await action(page, 'Reset')).click()
  const reset = page.getByRole('dialog', { name: 'Reset app-01' })
  await reset.getByLabel('Type app-01 to confirm').fill('app-01')
  await reset.getByRole('button', { name: 'Reset app-01' }).click()
  await expect(recentTask(page, 'reset app-01')).toContainText('app-01')
  await expect(header(page)).toContainText('running')
})

test('a hard stop needs the name, and Enter does not confirm it', async ({ page, operator }) => {
  await openVm(page, operator, 'app-02')
  await (await action(page, 'Hard stop')).click()
  const dialog = page.getByRole('dialog', { name: 'Stop hard app-02' })
  const stop = dialog.getByRole('button', { name: 'Stop hard app-02' })
  await expect(stop).toHaveAttribute('aria-disabled', 'true')
  await expect(stop).toHaveAccessibleDescription('Type app-02 first.')
  await dialog.getByLabel('Type app-02 to confirm').fill('app-02')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeVisible()
  expect((await operator.vm('app-02')).power).toBe('running')
  await stop.click()
  await expect(header(page)).toContainText(/off/)
})

test('many at once: those that cannot are left out by name', async ({ page }) => {
  await page.goto('/vms?q=dev-app')
  await page.getByRole('checkbox', { name: 'Select dev-app-01' }).click()
  await page.getByRole('checkbox', { name: 'Select dev-app-02' }).click()
  await expect(page.getByText('2 chosen')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Power on' })).toHaveAccessibleDescription(/dev-app-01/)
  await page.getByRole('button', { name: 'Suspend' }).click()
  const dialog = page.getByRole('dialog', { name: 'Suspend 2 VMs' })
  await expect(dialog.getByRole('list', { name: 'VMs' }).getByRole('listitem')).toHaveText([
    'dev-app-01',
    'dev-app-02',
  ])
  await dialog.getByRole('button', { name: 'Suspend 2 VMs' }).click()
  const rows = page.getByRole('table', { name: 'VMs' }).getByRole('row')
  await expect(rows.filter({ hasText: 'dev-app-01' })).toContainText('suspended')
  await expect(rows.filter({ hasText: 'dev-app-02' })).toContainText('suspended')
})

test('the menu of the right mouse button is the same one', async ({ page }) => {
  await page.goto('/vms?q=web-05')
  await page.getByRole('row').filter({ hasText: 'web-05' }).first().click({ button: 'right' })
  await expect(page.getByRole('menuitem')).toHaveText([
    /^Power on/,
    'Shut down…',
    'Reboot…',
    'Suspend',
    /^Resume/,
    'Hard stop…',
    'Reset…',
    'Migrate…',
    'Why not elsewhere…',
    'Edit…',
    /^Delete…/,
  ])
})

test('what others do is seen without a reload, by everybody', async ({ page, another, operator }) => {
  const vm = await openVm(page, operator, 'app-04')
  const colleague = await another('operator')
  await colleague.goto('/vms?q=app-04')
  const row = colleague.getByRole('row').filter({ hasText: 'app-04' }).first()
  await expect(row).toContainText('running')

  await operator.order('vm.suspend', { vmId: vm.id })
  await expect(header(page)).toContainText('suspended')
  await expect(row).toContainText('suspended')
  await expect(recentTask(page, 'suspend app-04')).toContainText('admin')

  await row.click({ button: 'right' })
  await colleague.getByRole('menuitem', { name: 'Resume' }).click()
  await expect(header(page)).toContainText('running')
  await expect(recentTask(page, 'resume app-04')).toContainText('anna')
})
