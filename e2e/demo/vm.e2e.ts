import { action, header, openVm, recentTask } from '../support/console'
import { expect, test } from '../support/test'

test('a VM is created, changed and deleted by clicking', async ({ page, operator }) => {
  const { rows } = await operator.snapshot()
  const cluster = rows.cluster.find(({ name }) => name === 'Development')!
  await page.goto(`/clusters/${cluster.id.slice('cluster-'.length)}`)
  await header(page).getByRole('button', { name: 'New VM…' }).click()
  const dialog = page.getByRole('dialog', { name: 'New VM' })
  const create = dialog.getByRole('button', { name: /^Create/ })
  await expect(create).toHaveAccessibleDescription('Give it a name.')
  await dialog.getByLabel('Name', { exact: true }).fill('bad name!')
  await expect(dialog.getByRole('alert')).toBeVisible()
  await dialog.getByLabel('Name', { exact: true }).fill('fresh-01')
  await dialog.getByLabel('Image').selectOption({ index: 1 })
  await dialog.getByLabel('vCPUs').fill('4')
  await dialog.getByLabel('Memory', { exact: true }).fill('4')
  await expect(dialog.getByText(/^Where it fits best: dev-0\d\./)).toBeVisible()
  await dialog.getByLabel('Notes').fill('For the new shop.')
  await create.click()
  await expect(dialog).toBeHidden()
  const task = recentTask(page, 'create fresh-01')
  await expect(task).toContainText(/fresh-01 was created on dev-0\d\./, { timeout: 45_000 })

  await openVm(page, operator, 'fresh-01')
  await expect(header(page)).toContainText('running')
  await expect(header(page)).toContainText('4 vCPUs')
  await expect(page.getByText('For the new shop.')).toBeVisible()

  await (await action(page, 'Edit')).click()
  const edit = page.getByRole('dialog', { name: 'Edit fresh-01' })
  await expect(edit.getByRole('button', { name: 'Save' })).toHaveAccessibleDescription(
    'Nothing is changed yet.',
  )
  await expect(edit.getByLabel('vCPUs')).not.toBeEditable()
  await expect(edit.getByLabel('vCPUs')).toHaveAccessibleDescription(/^Only while it is off/)
  await edit.getByLabel('Tags').fill('shop, new')
  await edit.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('main').getByText('shop', { exact: true })).toBeVisible()

  const remove = await action(page, 'Delete')
  await expect(remove).toHaveAccessibleName(/fresh-01 is running; it has to be off/)
  await page.keyboard.press('Escape')
  await (await action(page, 'Hard stop')).click()
  await page.getByLabel('Type fresh-01 to confirm').fill('fresh-01')
  await page.getByRole('button', { name: 'Stop hard fresh-01' }).click()
  await expect(header(page)).toContainText(/off/)
  await (await action(page, 'Edit')).click()
  await edit.getByLabel('Name').fill('shop-01')
  await edit.getByLabel('vCPUs').fill('8')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'shop-01' })).toBeVisible()
  await expect(header(page)).toContainText('8 vCPUs')
  await (await action(page, 'Delete')).click()
  const sure = page.getByRole('dialog', { name: 'Delete shop-01' })
  await expect(sure.getByRole('list', { name: 'Disks that are deleted' })).toContainText('dev-nvme')
  await sure.getByLabel('Type shop-01 to confirm').fill('shop-01')
  await sure.getByRole('button', { name: 'Delete shop-01' }).click()
  await expect(page.getByText('shop-01 is no longer here')).toBeVisible()
  await expect(page.getByText(/VM shop-01 was deleted by admin/)).toBeVisible()
})

test('a VM that is deleted while its page is open: who, when, and its history', async ({
  page,
  another,
  operator,
}) => {
  const colleague = await another('auditor')
  const vm = await openVm(colleague, operator, 'mail-01')
  expect(vm.power).toBe('off')
  await operator.do('vm.delete', { vmId: vm.id, confirmName: 'mail-01' })
  await expect(colleague.getByText('mail-01 is no longer here')).toBeVisible()
  await expect(colleague.getByText(/VM mail-01 was deleted by admin (just now|\d+ s ago)/)).toBeVisible()
  await colleague.getByRole('link', { name: 'Its history' }).click()
  await expect(colleague.getByText('mail-01 was deleted.').first()).toBeVisible()
  await page.goto(`/vms/${vm.id.slice('vm-'.length)}`)
  await expect(page.getByText('mail-01 is no longer here')).toBeVisible()
})

test('a dialog that is open keeps what was typed while the world goes on', async ({ page, operator }) => {
  const vm = await openVm(page, operator, 'api-01')
  await (await action(page, 'Edit')).click()
  const edit = page.getByRole('dialog', { name: 'Edit api-01' })
  await edit.getByLabel('Notes').fill('half a thou')
  await operator.do('vm.suspend', { vmId: vm.id })
  await operator.do('vm.resume', { vmId: vm.id })
  await edit.getByLabel('Notes').press('End')
  await page.keyboard.type('ght')
  await expect(edit.getByLabel('Notes')).toHaveValue('half a thought')
  await page.keyboard.press('Control+Enter')
  await expect(edit).toBeHidden()
  await expect(page.getByRole('main').getByText('half a thought')).toBeVisible()
})
