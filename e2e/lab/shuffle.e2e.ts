import { labImpossible } from '@drover/harness/system'
import { labVmOf } from '@drover/lab/drover'
import { expect, test } from '../support/test'

const why = labImpossible()
test.skip(why !== undefined, why)
test.setTimeout(300_000)

/** After the migrations of the tests before: two guests share lab-2, one of which could go to lab-1. */
test('guests burn CPU: what the rule recommends is applied by a click, and moves live', async ({
  page,
  site,
}) => {
  const lab = site.lab!
  const { operator } = site
  const { rows } = await operator.snapshot()
  const { id: clusterId, name: cluster } = rows.cluster[0]!
  const address = `/clusters/${clusterId.slice('cluster-'.length)}`
  const moving = labVmOf(await operator.vm('guest-1'))
  const staying = labVmOf(await operator.vm('guest-2'))
  const homeOf = async () =>
    (await operator.snapshot()).rows.vm.find(({ name }) => name === 'guest-1')!.hostId
  const [one, two] = [await operator.host('lab-1'), await operator.host('lab-2')]
  expect([moving, staying].map(({ uuid }) => lab.whereIs(uuid)[0]?.hostName)).toEqual(['lab-2', 'lab-2'])

  // Only what has too much is relieved; nothing is evened out beside it.
  const balance = { mode: 'manual', aim: 'overload', limit: 1 }
  await operator.api.mutate('cluster.changeBalance', { clusterId, changes: balance })
  await page.goto(`${address}/rules`)
  await page
    .getByRole('region', { name: 'Thresholds' })
    .getByRole('button', { name: 'New threshold…' })
    .click()
  const dialog = page.getByRole('dialog', { name: `New threshold for ${cluster}` })
  await dialog.getByLabel('Name').fill('busy hosts')
  await dialog.getByLabel('Is above').fill('70')
  await dialog.getByLabel('For', { exact: true }).fill('0.5')
  await dialog.getByLabel('Move VMs away until under').fill('65')
  await dialog.getByRole('button', { name: 'Make threshold' }).click()
  await expect(dialog).toBeHidden()

  const watch = await lab.guests.watch(moving.address)
  for (const { address } of [moving, staying]) await lab.guests.command(address, 'burn 100')
  await page.goto(`${address}/recommendations`)
  const card = page.getByRole('region', { name: 'Recommendation of busy hosts' })
  await expect(card).toContainText('lab-2', { timeout: 150_000 })
  await expect(card.getByRole('table', { name: 'Moves' })).toContainText('guest-1')
  expect(await homeOf()).toBe(two.id)
  await card.getByRole('button', { name: /^Apply/ }).click()
  await expect.poll(homeOf, { timeout: 90_000 }).toBe(one.id)
  expect(lab.whereIs(moving.uuid).map(({ hostName }) => hostName)).toEqual(['lab-1'])

  for (const { address } of [moving, staying]) await lab.guests.command(address, 'burn 0')
  const seen = await watch.stop()
  expect(seen).toMatchObject({ tickWentBack: 0, diskCounterWentBack: 0 })
  expect(seen.boots).toHaveLength(1)
})
