import { header, openVm } from '../support/console'
import { expect, test } from '../support/test'

test('a power-on that capacity for failures is lacking for is refused with the numbers, or warned about', async ({
  page,
  operator,
  complaints,
}) => {
  complaints.allow(/status of 4\d\d/)
  const cluster = (await operator.snapshot()).rows.cluster.find(({ name }) => name === 'Development')!
  const vm = (await operator.snapshot()).rows.vm.find(
    (each) => each.clusterId === cluster.id && each.power === 'off',
  )!
  const policy = (action: 'refuse' | 'warn', reservedShare = 0.9) =>
    operator.api.mutate('cluster.changeHa', {
      clusterId: cluster.id,
      changes: { admission: { by: 'share', reservedShare, action } },
    })
  try {
    await policy('refuse')
    await openVm(page, operator, vm.name)
    await header(page).getByRole('button', { name: 'Power on' }).click()
    const short = new RegExp(`With ${vm.name} running, Development would have .*GiB of memory free; .*90 %`)
    await expect(page.getByText(short)).toBeVisible()
    expect((await operator.vm(vm.name)).power).toBe('off')

    await policy('warn')
    await header(page).getByRole('button', { name: 'Power on' }).click()
    await expect(page.getByText(short).last()).toBeVisible()
    await expect(header(page)).toContainText('running')
  } finally {
    await operator.api.mutate('cluster.changeHa', {
      clusterId: cluster.id,
      changes: { admission: cluster.ha.admission },
    })
    await operator.do('vm.stop', { vmId: vm.id, confirmName: vm.name })
  }
})

test('how a VM is looked after is set on its page, checked while one types, and said on its summary', async ({
  page,
  operator,
}) => {
  const vm = await openVm(page, operator, 'web-21')
  await page
    .getByRole('region', { name: 'High availability' })
    .getByRole('link', { name: 'Configure' })
    .click()
  await page.getByLabel('When it is lost').selectOption('best effort')
  await page.getByLabel(/^Tier/).selectOption({ index: 0 })
  await page.getByLabel(/cut off/).selectOption('powerOff')
  const ready = page.getByLabel('Ready', { exact: true })
  await ready.fill('soon')
  await expect(page.getByText('A number from 0 to 3600.')).toBeVisible()
  const save = page.getByRole('main').getByRole('button', { name: 'Save' })
  await expect(save).toHaveAttribute('aria-disabled', 'true')
  await ready.fill('30')
  await save.click()
  await expect
    .poll(async () => (await operator.vm('web-21')).ha)
    .toMatchObject({
      restart: 'bestEffort',
      tier: 1,
      readyMs: 30_000,
      isolation: 'powerOff',
    })
  await page.getByRole('navigation', { name: 'Tabs' }).getByRole('link', { name: 'Summary' }).click()
  const summary = page.getByRole('region', { name: 'High availability' })
  await expect(summary).toContainText('best effort, tier 1')
  await expect(summary).toContainText('power it off')
  await operator.api.mutate('vm.changeHa', { vmId: vm.id, ha: vm.ha })
})
