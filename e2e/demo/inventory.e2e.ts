import { expect, type Page, test } from '../support/test'

const tabs = (page: Page) => page.getByRole('navigation', { name: 'Tabs' })
const tree = (page: Page) => page.getByRole('tree')
const title = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true })

test('the tree leads to every level, and each has the same tabs', async ({ page }) => {
  await page.goto('/')
  const levels = [
    { name: 'Berlin', tabs: ['Summary', 'VMs', 'Hosts', 'Incidents', 'Alarms', 'Tasks', 'Events'] },
    {
      name: 'Production',
      tabs: [
        'Summary',
        'Recommendations',
        'Decisions',
        'Power',
        'High availability',
        'What if',
        'Rules',
        'VMs',
        'Hosts',
        'Incidents',
        'Alarms',
        'Tasks',
        'Events',
      ],
    },
    { name: 'prod-01', tabs: ['Summary', 'Monitor', 'Configure', 'VMs', 'Incidents', 'Tasks', 'Events'] },
  ]
  for (const level of levels) {
    const line = tree(page).getByRole('treeitem', { name: new RegExp(`^${level.name}\\b`) })
    await line.click()
    await expect(title(page, level.name)).toBeVisible()
    await expect(line).toHaveAttribute('aria-selected', 'true')
    await expect(tabs(page).getByRole('link')).toHaveText(level.tabs.map((tab) => new RegExp(`^${tab}`)))
    for (const tab of level.tabs) {
      await tabs(page).getByRole('link', { name: tab }).click()
      await expect(tabs(page).getByRole('link', { name: tab })).toHaveAttribute('aria-current', 'page')
    }
    await expect(page.getByRole('table', { name: 'Events' }).getByRole('row').nth(1)).toBeVisible()
  }
  await page.getByRole('tab', { name: 'VMs' }).click()
  await tree(page)
    .getByRole('treeitem', { name: /^dev-api-01/ })
    .click()
  await expect(title(page, 'dev-api-01')).toBeVisible()
  await page.getByRole('tab', { name: 'Storage' }).click()
  await tree(page)
    .getByRole('treeitem', { name: /^prod-nvme-1/ })
    .click()
  await expect(title(page, 'prod-nvme-1')).toBeVisible()
  await page.getByRole('tab', { name: 'Networks' }).click()
  await tree(page).getByRole('treeitem', { name: /^dmz/ }).click()
  await expect(title(page, 'dmz')).toBeVisible()
})

test('the tree is walked by keys', async ({ page }) => {
  await page.goto('/')
  await tree(page).getByRole('treeitem', { name: 'Berlin' }).focus()
  await page.keyboard.press('End')
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(title(page, 'Development')).toBeVisible()
})

test('filter, order and columns are in the address; Back and a reload keep them', async ({ page }) => {
  await page.goto('/vms')
  const table = page.getByRole('table', { name: 'VMs' })
  await page.keyboard.press('/')
  await page.getByRole('searchbox', { name: 'Filter VMs' }).fill('cache')
  await expect(page).toHaveURL(/q=cache/)
  await expect(page.getByText(/^\d of \d+ VMs$/)).toBeVisible()
  await table.getByRole('button', { name: 'Memory' }).click()
  await table.getByRole('button', { name: 'Memory' }).click()
  await expect(table.getByRole('columnheader', { name: 'Memory' })).toHaveAttribute('aria-sort', 'descending')
  await page.getByRole('button', { name: 'Choose columns' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Created' }).click()
  await page.keyboard.press('Escape')
  await expect(table.getByRole('columnheader', { name: 'Created' })).toBeVisible()
  const address = page.url()

  await table.getByRole('link', { name: 'cache-01', exact: true }).click()
  await expect(title(page, 'cache-01')).toBeVisible()
  await page.goBack()
  await expect(page).toHaveURL(address)
  await expect(page.getByRole('searchbox', { name: 'Filter VMs' })).toHaveValue('cache')
  await page.reload()
  await expect(table.getByRole('columnheader', { name: 'Memory' })).toHaveAttribute('aria-sort', 'descending')
  await expect(table.getByRole('columnheader', { name: 'Created' })).toBeVisible()

  await page.getByRole('searchbox', { name: 'Filter VMs' }).fill('no such thing')
  await expect(page.getByText('No VM matches “no such thing”')).toBeVisible()
  await page.getByRole('button', { name: 'Clear the filter' }).click()
  await expect(table.getByRole('row').nth(20)).toBeVisible()
})

test('an address of nothing says so, and so does one of something that never was', async ({
  page,
  complaints,
}) => {
  complaints.allow(/status of 404/)
  await page.goto('/somewhere/else')
  await expect(page.getByText('There is no page at this address')).toBeVisible()
  await page.goto('/vms/999999')
  await expect(page.getByText('There is no such VM')).toBeVisible()
  await page.goto('/tasks/999999')
  await expect(page.getByText('There is no such task')).toBeVisible()
})

test('the palette finds objects, pages and actions, and refuses like the buttons', async ({
  page,
  operator,
}) => {
  await page.goto('/')
  await expect(title(page, 'Everything')).toBeVisible()
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: 'Search or act' })
  await palette.getByRole('combobox').fill('power on web-01')
  const refused = palette.getByRole('option', { name: /^Power on web-01/ })
  await expect(refused).toContainText('Not possible: web-01 is running; it has to be off')
  await page.keyboard.press('Enter')
  await expect(palette).toBeVisible()
  await palette.getByRole('combobox').fill('migrate web-01')
  await expect(palette.getByRole('option', { name: /^Migrate web-01/ })).toHaveAttribute(
    'aria-selected',
    'true',
  )
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Migrate web-01' })
  await expect(dialog.getByRole('button', { name: /^Migrate to / })).toBeEnabled()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()

  await page.keyboard.press('Control+k')
  await palette.getByRole('combobox').fill('prod-03')
  await page.keyboard.press('Enter')
  await expect(title(page, 'prod-03')).toBeVisible()
  expect((await operator.vm('web-01')).power).toBe('running')
})

test('the map shows every host and VM, and a VM is dragged onto another host', async ({ page, operator }) => {
  const vm = await operator.vm('web-08')
  const { rows } = await operator.snapshot()
  const home = rows.host.find(({ id }) => id === vm.hostId)!.name
  const other = home === 'prod-03' ? 'prod-05' : 'prod-03'
  await page.goto(`/clusters/${vm.clusterId.slice('cluster-'.length)}`)
  const map = page.getByRole('application', { name: /^Map of hosts and VMs/ })
  const block = map.getByRole('button', { name: /^web-08: running/ })
  await block.hover()
  await page.mouse.down()
  const tile = (await map.getByRole('link', { name: other }).boundingBox())!
  await page.mouse.move(tile.x + 10, tile.y + 10, { steps: 8 })
  await page.mouse.up()
  const dialog = page.getByRole('dialog', { name: 'Migrate web-08' })
  await expect(dialog.getByRole('button', { name: `Migrate to ${other}` })).toBeEnabled()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await block.focus()
  await page.keyboard.press('m')
  await expect(dialog).toBeVisible()
})
