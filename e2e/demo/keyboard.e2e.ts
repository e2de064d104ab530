import { header, openHost } from '../support/console'
import { expect, test } from '../support/test'

test('a threshold is made by keys alone, and one is back where one was', async ({ page, operator }) => {
  const cluster = (await operator.snapshot()).rows.cluster.find(({ name }) => name === 'Development')!
  await page.goto(`/clusters/${cluster.id.slice('cluster-'.length)}/rules`)
  const begin = page.getByRole('button', { name: 'New threshold…' }).first()
  await begin.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'New threshold for Development' })
  await expect(dialog.getByLabel('Name')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(begin).toBeFocused()

  await page.keyboard.press('Enter')
  await page.keyboard.type('by keys')
  await expect(dialog.getByRole('alert').filter({ hasText: 'is off' })).toBeVisible()
  await page.keyboard.press('Control+Enter')
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('list', { name: 'Thresholds' })).toContainText('by keys')

  // Its menu, from the last row up: the one that deletes it. A menu moves the focus a turn after the key.
  await page.getByRole('button', { name: 'Change by keys' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: 'Change…' })).toBeFocused()
  await page.keyboard.press('ArrowUp')
  await expect(page.getByRole('menuitem', { name: 'Delete…' })).toBeFocused()
  await page.keyboard.press('Enter')
  const confirm = page.getByRole('dialog', { name: 'Delete the threshold by keys' })
  await expect(confirm.getByLabel('Reason')).toBeFocused()
  // Enter never confirms a danger.
  await page.keyboard.press('Enter')
  await expect(confirm).toBeVisible()
  await page.keyboard.press('Control+Enter')
  await expect(page.getByText('by keys', { exact: true })).toHaveCount(0)
  // Its menu went with it: the page it was on has the focus, not the top of everything.
  await expect(page.getByRole('main')).toBeFocused()
})

test('a dialog that was opened from a menu gives the focus back to the button of the menu', async ({
  page,
  operator,
}) => {
  await openHost(page, operator, 'prod-04')
  const actions = header(page).getByRole('button', { name: 'Actions' })
  await actions.focus()
  await page.keyboard.press('Enter')
  // Its rows are found by their first letters.
  await expect(page.getByRole('menuitem').first()).toBeFocused()
  await page.keyboard.type('Put')
  await expect(page.getByRole('menuitem', { name: /^Put to sleep/ })).toBeFocused()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Put prod-04 to sleep' })
  // The first of its fields, which is there before its plan is.
  await expect(dialog.getByRole('checkbox', { name: /^Also if what is left/ })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(actions).toBeFocused()
})
