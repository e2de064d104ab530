import { expect, test } from '../support/test'

test('history is filtered by text, topic, severity and person; the address has it all', async ({
  page,
  operator,
}) => {
  const vm = await operator.vm('queue-01')
  await operator.do('vm.suspend', { vmId: vm.id, reason: 'a look inside' })
  await operator.do('vm.resume', { vmId: vm.id })
  await page.goto(`/vms/${vm.id.slice('vm-'.length)}/events`)
  const events = page.getByRole('table', { name: 'Events' })
  await expect(events).toContainText('went from running to suspended')
  await expect(events).toContainText('queue-01 was found on')

  await page.getByRole('searchbox', { name: 'Text in events' }).fill('suspended')
  await expect(events).not.toContainText('was found on')
  await expect(page).toHaveURL(/q=suspended/)
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect(events).toContainText('was found on')

  await page.getByRole('textbox', { name: 'By whom' }).fill('admin')
  await page.keyboard.press('Enter')
  await expect(events).not.toContainText('was found on')
  await expect(events.getByRole('row').nth(1)).toContainText('admin')
  await page.reload()
  await expect(page.getByRole('textbox', { name: 'By whom' })).toHaveValue('admin')
  await expect(events).not.toContainText('was found on')

  await page.goto('/events?severity=error')
  await expect(page.getByText('No event matches')).toBeVisible()
})

test('new events come in on top by themselves', async ({ page, operator }) => {
  const vm = await operator.vm('queue-02')
  await page.goto('/events')
  const first = page.getByRole('table', { name: 'Events' }).getByRole('row').nth(1)
  await expect(first).toBeVisible()
  await operator.do('vm.suspend', { vmId: vm.id })
  await expect(page.getByRole('table', { name: 'Events' })).toContainText(
    /queue-02 on prod-0\d went from running to suspended/,
  )
  await operator.do('vm.resume', { vmId: vm.id })
})

test('the chain of history is verified by a click', async ({ page }) => {
  await page.goto('/events')
  await page.getByRole('button', { name: 'Verify history' }).click()
  await expect(page.getByText('History is whole')).toBeVisible()
  await expect(page.getByText(/All [\d,]+ events are there, in order and unchanged/)).toBeVisible()
})

test('history is exported as a table', async ({ page }) => {
  await page.goto('/events')
  await page.getByRole('button', { name: 'Export' }).click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: /^As CSV/ }).click(),
  ])
  expect(file.suggestedFilename()).toMatch(/^drover-events-\d{4}-\d\d-\d\d\.csv$/)
})
