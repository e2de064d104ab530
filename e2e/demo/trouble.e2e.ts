import { action, header, openMigrate, openVm, recentTask } from '../support/console'
import { expect, test } from '../support/test'

/** What the browser itself writes down while nobody answers. */
const unanswered = [/Failed to load resource/, /WebSocket connection to .* failed/]

test('control killed in the middle of a migration: the page says since when, catches up, and the task ends right', async ({
  page,
  operator,
  site,
  complaints,
}) => {
  complaints.allow(...unanswered)
  await openVm(page, operator, 'web-15')
  const dialog = await openMigrate(page, 'web-15')
  await dialog.getByRole('button', { name: /^Migrate to / }).click()
  const task = recentTask(page, 'migrate web-15')
  await expect(task.getByRole('progressbar')).toHaveAttribute('aria-valuenow', /^[1-9]/)

  await site.stack.processes.crash('control')
  const bar = page.getByText(/^No line to control since \d\d:\d\d:\d\d \(for \d+ s\)/)
  await expect(bar).toBeVisible()
  await expect(page.getByRole('heading', { level: 1, name: 'web-15' })).toBeVisible()
  await page.getByRole('treeitem', { name: /^Production/ }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Production' })).toBeVisible()

  site.stack.processes.restart('control')
  await expect(bar).toBeHidden({ timeout: 30_000 })
  await expect(task).toContainText(/web-15 moved live from prod-0\d to prod-0\d/, { timeout: 45_000 })
  await page.goBack()
  await expect(header(page)).toContainText('running')
  expect((await operator.api.query<{ ok: boolean }>('event.verify')).ok).toBe(true)
})

test('the database killed: changes are refused with the reason, the picture stays live, and it recovers', async ({
  page,
  another,
  operator,
  site,
  complaints,
}) => {
  complaints.allow(...unanswered)
  const vm = await openVm(page, operator, 'web-18')
  await expect(header(page)).toContainText('running')
  await site.postgres.crash()
  const away = /The database cannot be reached, so nothing can be changed now/
  await expect(operator.order('vm.suspend', { vmId: vm.id })).rejects.toThrow(away)
  const bar = page.getByText(/^The database has not answered for/)
  await expect(bar).toBeVisible()
  await expect(header(page).getByRole('button', { name: 'Migrate…' })).toHaveAccessibleDescription(away)
  await expect(await action(page, 'Suspend')).toHaveAccessibleName(away)
  await page.keyboard.press('Escape')
  const late = await another('admin')
  await late.goto('/events')
  await expect(late.getByText('History cannot be read')).toBeVisible()
  await expect(late.getByRole('main').getByRole('alert')).toContainText('The database cannot be reached')
  await expect(late.getByText(/^The database has not answered for/)).toBeVisible()
  await expect(header(page)).toContainText('running')
  await expect(page.getByText(/^No line to control/)).toHaveCount(0)

  await site.postgres.restart()
  await expect(bar).toBeHidden({ timeout: 20_000 })
  await expect(late.getByRole('table', { name: 'Events' }).getByRole('row').nth(1)).toBeVisible()
  await (await action(page, 'Suspend')).click()
  await expect(header(page)).toContainText('suspended')
  await header(page).getByRole('button', { name: 'Resume' }).click()
  await expect(header(page)).toContainText('running')
})
