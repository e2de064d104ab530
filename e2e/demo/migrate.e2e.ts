import type { Operator } from '@drover/lab/drover'
import { header, openMigrate, openVm, recentTask, target } from '../support/console'
import { expect, type Page, test } from '../support/test'

async function homeOf(operator: Operator, name: string): Promise<string> {
  const { host } = (await operator.snapshot()).rows
  const vm = await operator.vm(name)
  return host.find(({ id }) => id === vm.hostId)!.name
}

/** So slow that there is time to look at it. */
async function slowly(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Options').click()
  await dialog.getByLabel('Bandwidth, at most').fill('100')
}

test('a running VM is moved live by clicking, with its progress in sight', async ({ page, operator }) => {
  const from = await homeOf(operator, 'web-02')
  const to = from === 'prod-06' ? 'prod-05' : 'prod-06'
  await openVm(page, operator, 'web-02')
  const dialog = await openMigrate(page, 'web-02')
  await expect(target(dialog, from)).toBeDisabled()
  await expect(target(dialog, from)).toHaveAccessibleDescription(`web-02 is on ${from} already.`)
  await target(dialog, to).check()
  await expect(dialog.getByRole('region', { name: 'Plan' })).toContainText(to)
  await dialog.getByLabel('Reason').fill('making room')
  await dialog.getByRole('button', { name: `Migrate to ${to}` }).click()
  await expect(dialog).toBeHidden()

  await expect(header(page)).toContainText('migrating')
  const task = recentTask(page, 'migrate web-02')
  await expect(task).toContainText(`${from} → ${to}`)
  await expect(task.getByRole('progressbar')).toHaveAttribute('aria-valuenow', /^[1-9]/)
  await expect(task).toContainText(new RegExp(`web-02 moved live from ${from} to ${to} in .* standstill`), {
    timeout: 45_000,
  })
  await expect(header(page).getByRole('link', { name: to })).toBeVisible()
  await expect(header(page)).toContainText('running')

  await task.getByRole('link', { name: 'migrate web-02' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'migrate web-02' })).toBeVisible()
  await expect(page.getByText('making room', { exact: true })).toBeVisible()
  await expect(page.getByText(/ of .* · .*\/s · .* standstill/)).toBeVisible()
})

test('a host that cannot take it is disabled, with every reason beside it', async ({ page, operator }) => {
  const { rows } = await operator.snapshot()
  const clusterId = rows.cluster.find(({ name }) => name === 'Production')!.id
  const store = rows.datastore.find(({ name }) => name === 'prod-nvme-1')!
  const image = { datastoreId: store.id, path: store.images[0]!.path }
  const placements = await operator.api.query<
    { host: { id: string; name: string }; memoryFreeBytes: number }[]
  >('vm.placements', { clusterId, vcpus: 2, memoryBytes: 2 ** 31, image, networkId: null })
  const roomiest = [...placements].sort((a, b) => b.memoryFreeBytes - a.memoryFreeBytes)
  const least = roomiest.at(-1)!
  // As large as the roomiest host can just take: the fullest one falls short.
  const memoryBytes = Math.floor(roomiest[0]!.memoryFreeBytes / 2 ** 30) * 2 ** 30
  const task = await operator.do('vm.create', {
    clusterId,
    name: 'giant',
    vcpus: 2,
    memoryBytes,
    image,
    hostId: roomiest[0]!.host.id,
    powerOn: true,
  })
  expect(task.state).toBe('succeeded')
  await openVm(page, operator, 'giant')
  const dialog = await openMigrate(page, 'giant')
  await expect(target(dialog, least.host.name)).toBeDisabled()
  await expect(target(dialog, least.host.name)).toHaveAccessibleDescription(
    new RegExp(`${least.host.name} cannot take giant: .* of memory short \\(needs .* free\\)`),
  )
  await page.keyboard.press('Escape')
  await operator.do('vm.stop', { vmId: (await operator.vm('giant')).id })
  await operator.do('vm.delete', { vmId: (await operator.vm('giant')).id, confirmName: 'giant' })
})

test('a host with another CPU takes a running VM cold only, and says why', async ({ page, operator }) => {
  const from = await homeOf(operator, 'monitor-01')
  await openVm(page, operator, 'monitor-01')
  const dialog = await openMigrate(page, 'monitor-01')
  await target(dialog, 'prod-04').check()
  const ways = dialog.getByRole('radiogroup', { name: 'Way' })
  await expect(ways.getByRole('radio', { name: 'Live', exact: true })).toBeDisabled()
  await expect(ways).toContainText('lacks 2 features that monitor-01 may be using: avx512f and avx512vl')
  await expect(ways.getByRole('radio', { name: 'Cold' })).toBeChecked()
  await expect(dialog.getByRole('region', { name: 'Plan' })).toContainText('shut down')
  await dialog.getByRole('button', { name: 'Migrate to prod-04' }).click()
  await expect(recentTask(page, 'migrate monitor-01')).toContainText(
    `monitor-01 moved cold from ${from} to prod-04`,
    { timeout: 45_000 },
  )
  await expect(header(page)).toContainText('running')
})

test('a VM on the disks of its host moves cold with them, checked at the end', async ({ page, operator }) => {
  const from = await homeOf(operator, 'cache-06')
  const to = from === 'prod-01' ? 'prod-03' : 'prod-01'
  await openVm(page, operator, 'cache-06')
  const dialog = await openMigrate(page, 'cache-06')
  await target(dialog, to).check()
  await expect(dialog.getByRole('radio', { name: 'Live, with its disks' })).toBeChecked()
  await dialog.getByRole('radio', { name: 'Cold' }).check()
  await dialog.getByRole('button', { name: `Migrate to ${to}` }).click()
  const task = recentTask(page, 'migrate cache-06')
  await expect(task).toContainText(`cache-06 moved cold from ${from} to ${to}`, { timeout: 50_000 })
  await task.getByRole('link').first().click()
  const steps = page.getByRole('main').getByRole('listitem')
  await expect(steps.filter({ hasText: /^copy the disks/ })).toContainText('done')
})

test('a second migration of the same VM is refused in words; cancelling leaves it where it was', async ({
  page,
  another,
  operator,
  complaints,
}) => {
  complaints.allow(/status of 4\d\d/)
  const from = await homeOf(operator, 'win-01')
  const colleague = await another('operator')
  await openVm(colleague, operator, 'win-01')
  const late = await openMigrate(colleague, 'win-01')

  const vm = await openVm(page, operator, 'win-01')
  const dialog = await openMigrate(page, 'win-01')
  await slowly(page)
  await dialog.getByRole('button', { name: /^Migrate to / }).click()
  await expect(header(page)).toContainText('migrating')

  const busy = /win-01 is busy: migrate.*, asked by admin\. Wait for it or cancel it\./
  await expect(late.getByText(busy).first()).toBeVisible()
  await colleague.keyboard.press('Escape')
  await expect(header(colleague).getByRole('button', { name: 'Migrate…' })).toHaveAccessibleDescription(busy)
  await expect(operator.order('vm.migrate', { vmId: vm.id, targetId: null, method: null })).rejects.toThrow(
    busy,
  )

  const task = recentTask(page, 'migrate win-01')
  await expect(task.getByRole('progressbar')).toHaveAttribute('aria-valuenow', /^[1-9]/)
  await task.getByRole('button', { name: 'Cancel migrate win-01' }).click()
  await expect(task).toContainText(`Cancelled; win-01 is on ${from}.`)
  await expect(page.getByText('Migrate win-01: cancelled')).toBeVisible()
  await expect(header(page)).toContainText('running')
})

test('more than the limit wait in a queue and say what for', async ({ page, operator }) => {
  const { rows } = await operator.snapshot()
  const source = rows.host.find(({ name }) => name === 'prod-07')!
  const target = rows.host.find(({ name }) => name === 'prod-06')!
  const movers = rows.vm
    .filter((vm) => vm.hostId === source.id && vm.power === 'running')
    .filter((vm) => vm.disks.every(({ datastoreId }) => !/local/.test(nameOf(datastoreId))))
    .slice(0, 6)
  function nameOf(id: string): string {
    return rows.datastore.find((one) => one.id === id)!.name
  }
  await page.goto(`/hosts/${source.id.slice('host-'.length)}/tasks`)
  const options = { bandwidthBytesPerSecond: 100e6 }
  const ids: string[] = []
  for (const vm of movers)
    ids.push(await operator.order('vm.migrate', { vmId: vm.id, targetId: target.id, options }))
  await expect(
    page
      .getByRole('table', { name: 'Tasks' })
      .getByText(/^Waits for one of the \d+ migrations at prod-0\d to end/)
      .first(),
  ).toBeVisible()
  await Promise.all(ids.map((taskId) => operator.api.mutate('task.cancel', { taskId })))
  for (const id of ids) expect((await operator.ended(id)).state).toBe('cancelled')
  await expect(page.getByRole('region', { name: 'Recent tasks' })).toContainText('none under way')
})
