import { header, openVm } from '../support/console'
import { expect, test } from '../support/test'

test.describe('an auditor', () => {
  test.use({ as: 'auditor' })

  test('sees everything and is offered no action', async ({ page, operator, complaints }) => {
    complaints.allow(/status of 403/)
    const vm = await openVm(page, operator, 'web-01')
    await expect(header(page)).toContainText('running')
    // Asking why is no action.
    await header(page).getByRole('button').click()
    await expect(page.getByRole('menuitem')).toHaveText([/^Why not/])
    await page.keyboard.press('Escape')
    await page.goto('/vms')
    await expect(page.getByRole('table', { name: 'VMs' }).getByRole('row').nth(3)).toBeVisible()
    await expect(page.getByRole('button', { name: /^New VM/ })).toHaveCount(0)
    await expect(page.getByRole('checkbox')).toHaveCount(0)
    await page.getByRole('row').nth(1).click({ button: 'right' })
    await expect(page.getByRole('menuitem').filter({ hasNotText: /^Why/ })).toHaveCount(0)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill('migrate web-01')
    await expect(page.getByText('Nothing is called that.')).toBeVisible()
    await page.goto('/administration/users')
    await expect(page.getByText('Users are for admins')).toBeVisible()

    const answer = await page.request.post('/api/trpc/vm.stop', {
      data: { vmId: vm.id },
      headers: { origin: new URL(page.url()).origin },
    })
    expect(answer.status()).toBe(403)
    expect(await answer.text()).toContain('Your role is auditor')
  })
})

test.describe('an operator', () => {
  test.use({ as: 'operator' })

  test('acts on VMs, and defines nothing', async ({ page, operator }) => {
    await openVm(page, operator, 'web-01')
    await expect(header(page).getByRole('button', { name: 'Migrate…' })).toBeVisible()
    await page.goto('/')
    await expect(page.getByRole('heading', { level: 1, name: 'Everything' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Add datacenter…' })).toHaveCount(0)
  })
})

test('an admin adds a user, gives another role and a new password, and removes the user', async ({
  page,
  another,
}) => {
  await page.goto('/administration/users')
  await page.getByRole('button', { name: 'Add user…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a user' })
  await dialog.getByLabel('Name').fill('Berta')
  await dialog.getByLabel('Role').selectOption('operator')
  await dialog.getByLabel('Password').fill('a long enough one')
  await dialog.getByRole('button', { name: 'Add user' }).click()
  const row = page.getByRole('row').filter({ hasText: 'berta' })
  await expect(row).toContainText('acts on VMs and hosts')
  await page.getByLabel('Role of berta').selectOption('auditor')
  await expect(row).toContainText('reads everything, changes nothing')
  await page.getByRole('button', { name: 'Actions for berta' }).click()
  await page.getByRole('menuitem', { name: 'Remove…' }).click()
  await page.getByLabel('Type berta to confirm').fill('berta')
  await page.getByRole('button', { name: 'Remove berta' }).click()
  await expect(row).toHaveCount(0)

  const colleague = await another('operator')
  await colleague.goto('/account')
  await colleague.getByLabel('Name of a new key').fill('laptop')
  await colleague.getByRole('button', { name: 'Make key' }).click()
  await expect(colleague.getByText('it is shown this once')).toBeVisible()
  await expect(colleague.getByText(/^drover_\w{20,}/)).toBeVisible()
  await colleague.getByRole('button', { name: 'Revoke laptop' }).click()
  await colleague.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(colleague.getByText('You have no keys yet.')).toBeVisible()
})
