import type { FenceDevice, Host } from '@drover/model'
import { action, header, openHost } from '../support/console'
import { switchHost } from '../support/power'
import { expect, test } from '../support/test'

test.setTimeout(240_000)

test('a host that no device can prove off waits for a person, who types its name; then its VMs start elsewhere', async ({
  page,
  operator,
  site,
}) => {
  const host = await operator.host('prod-06')
  const [board] = await operator.api.query<FenceDevice[]>('fence.list', { hostId: host.id })
  const plug = (name: string) =>
    operator.api.mutate('fence.change', { fenceId: board!.id, params: { ...board!.params, plug: name } })
  await plug('no-such-host')
  await openHost(page, operator, 'prod-06', 'configure')
  const devices = page.getByRole('region', { name: 'Fence devices' })
  await devices.getByRole('button', { name: 'Test now' }).click()
  await expect(devices).toContainText('there is no host no-such-host')
  await page.goto('/alarms')
  const alarms = page.getByRole('table', { name: 'Alarms' }).getByRole('row')
  await expect(alarms.filter({ hasText: `${board!.name} of prod-06 failed its test` })).toBeVisible()
  const running = (await operator.snapshot()).rows.vm.filter(
    (vm) => vm.hostId === host.id && vm.power === 'running',
  )

  await switchHost(site, 'prod-06', 'off')
  await openHost(page, operator, 'prod-06')
  await expect(header(page)).toContainText('being fenced', { timeout: 30_000 })
  await expect(page.getByRole('main').getByText(/^Nothing proves yet that prod-06 is off: /)).toBeVisible({
    timeout: 60_000,
  })
  await header(page).getByRole('link', { name: 'Incident' }).click()
  await expect(page.getByRole('region', { name: 'Proof' })).toContainText(
    'Nothing proves that the host is off',
  )
  await page.goBack()

  await header(page).getByRole('button', { name: 'Confirm that it is off…' }).click()
  const dialog = page.getByRole('dialog', { name: 'I confirm that prod-06 is off' })
  await expect(dialog.getByRole('list', { name: 'What is known of it' })).toContainText('cannot say')
  await expect(dialog.getByRole('list', { name: 'Its VMs' }).getByRole('listitem')).toHaveCount(
    running.length,
  )
  const confirm = dialog.getByRole('button', { name: 'prod-06 is off' })
  await expect(confirm).toHaveAttribute('aria-disabled', 'true')
  await dialog.getByLabel('Type prod-06 to confirm').fill('prod-06')
  // Enter never confirms a danger.
  await page.keyboard.press('Enter')
  await expect(dialog).toBeVisible()
  expect((await operator.host('prod-06')).state).toBe('fencing')
  await dialog.getByLabel('Reason').fill('stood in front of it')
  await confirm.click()
  await expect(header(page)).toContainText('fenced')
  await header(page).getByRole('link', { name: 'Incident' }).click()
  await expect(page.getByRole('region', { name: 'Proof' })).toContainText(
    'admin confirmed that prod-06 is off',
  )
  await expect(page.getByRole('main').getByRole('status').first()).toContainText(/VMs run again/, {
    timeout: 60_000,
  })
  await expect(page.getByRole('region', { name: 'What happened' })).toContainText('stood in front of it')

  // A wrong plug is said while its agent is waited for, and not only afterwards.
  await openHost(page, operator, 'prod-06')
  await header(page).getByRole('button', { name: 'Power on' }).click()
  const task = page.getByRole('region', { name: 'Recent tasks' }).getByRole('listitem').first()
  await expect(task).toContainText('It may not have been switched on')
  await plug('prod-06')
  await switchHost(site, 'prod-06', 'on')
  await expect(header(page)).toContainText('connected', { timeout: 60_000 })
})

test('a host that is lost again and again is quarantined, and put back into service by a click', async ({
  page,
  operator,
  site,
}) => {
  const { id, clusterId } = await operator.host('prod-06')
  const flaps = (times: number) =>
    operator.api.mutate('cluster.changeHa', { clusterId, changes: { flap: { times } } })
  const until = (state: Host['state']) =>
    expect.poll(async () => (await operator.host('prod-06')).state, { timeout: 60_000 }).toBe(state)
  await flaps(2)
  try {
    await openHost(page, operator, 'prod-06')
    const end = await action(page, 'End quarantine')
    await expect(end).toHaveAttribute('aria-disabled', 'true')
    await page.keyboard.press('Escape')
    await switchHost(site, 'prod-06', 'off')
    await until('fenced')
    await operator.do('host.powerOn', { hostId: id })
    await until('connected')
    await expect(header(page)).toContainText('quarantined')
    await expect(page.getByText(/^Lost 2 times lately, so it gets no VMs for now/)).toBeVisible()
    await page.goto('/alarms')
    const alarm = page.getByRole('table', { name: 'Alarms' }).getByRole('row', { name: /error|warning/ })
    await expect(alarm.filter({ hasText: 'prod-06 was lost too often' })).toBeVisible()

    await openHost(page, operator, 'prod-06')
    await (await action(page, 'End quarantine')).click()
    await expect(header(page)).toContainText('connected')
    await page.goto('/alarms')
    await expect(alarm.filter({ hasText: 'prod-06 was lost too often' })).toHaveCount(0, { timeout: 30_000 })
    expect((await operator.host('prod-06')).quarantinedUntil).toBeNull()
  } finally {
    await flaps(3)
  }
})
