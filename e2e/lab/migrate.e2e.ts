import { labImpossible } from '@drover/harness/system'
import { createVm, labVmOf } from '@drover/lab/drover'
import { header, openMigrate, openVm, recentTask, target } from '../support/console'
import { people } from '../support/site'
import { expect, test } from '../support/test'

const why = labImpossible()
if (why) console.log(`Browser tests with real hosts are skipped: ${why}.`)
test.skip(why !== undefined, why)

test.describe('real VMs on real hosts', () => {
  test.describe('from signing in', () => {
    test.use({ as: 'nobody' })

    test('a VM moves live by clicking: one QEMU process, on the target, and its guest never went back', async ({
      page,
      site,
      complaints,
    }) => {
      complaints.allow(/status of 401/)
      const lab = site.lab!
      await page.goto('/')
      await page.getByLabel('Name').fill(people.operator)
      await page.getByLabel('Password').fill(site.passwords.operator)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('tab', { name: 'VMs' }).click()
      await page.getByRole('treeitem', { name: /^guest-1/ }).click()
      await expect(header(page)).toContainText('running')
      await expect(header(page).getByRole('link', { name: 'lab-1' })).toBeVisible()

      const vm = labVmOf(await site.operator.vm('guest-1'))
      await lab.guests.waitFor(vm.address)
      expect(lab.whereIs(vm.uuid).map(({ hostName }) => hostName)).toEqual(['lab-1'])
      const watch = await lab.guests.watch(vm.address)
      const dialog = await openMigrate(page, 'guest-1')
      await target(dialog, 'lab-2').check()
      await expect(dialog.getByRole('radio', { name: 'Live', exact: true })).toBeChecked()
      await dialog.getByText('Options').click()
      await dialog.getByLabel('Bandwidth, at most').fill('6')
      await dialog.getByRole('button', { name: 'Migrate to lab-2' }).click()
      await expect(header(page)).toContainText('migrating')
      const task = recentTask(page, 'migrate guest-1')
      await expect(task.getByRole('progressbar')).toHaveAttribute('aria-valuenow', /^[1-9]/)
      await expect(task).toContainText(/\d+ %.*\d.*B\/s/)
      await expect(task).toContainText(/guest-1 moved live from lab-1 to lab-2 in .* standstill/, {
        timeout: 60_000,
      })
      await expect(header(page).getByRole('link', { name: 'lab-2' })).toBeVisible()

      const running = lab.hosts.flatMap((host) => host.qemuProcesses()).filter(({ uuid }) => uuid === vm.uuid)
      expect(running.map(({ hostName }) => hostName)).toEqual(['lab-2'])
      await expect
        .poll(async () => (await lab.guests.status(vm.address)).diskCounter)
        .toBeGreaterThan((await lab.guests.status(vm.address)).diskCounter)
      const seen = await watch.stop()
      expect(seen).toMatchObject({ tickWentBack: 0, diskCounterWentBack: 0 })
      expect(seen.boots).toHaveLength(1)
      expect(seen.last!.tick).toBeGreaterThan(seen.first!.tick)
      expect(seen.last!.diskErrors).toBe(0)
    })
  })

  test('a VM on the disks of its host moves live with them', async ({ page, site, operator }) => {
    const lab = site.lab!
    const vm = await createVm(operator, { name: 'guest-2', host: 'lab-1', datastore: 'local' })
    await lab.guests.waitFor(vm.address)
    const watch = await lab.guests.watch(vm.address)
    await openVm(page, operator, 'guest-2')
    const dialog = await openMigrate(page, 'guest-2')
    await target(dialog, 'lab-2').check()
    await expect(dialog.getByRole('radio', { name: 'Live, with its disks' })).toBeChecked()
    await dialog.getByRole('button', { name: 'Migrate to lab-2' }).click()
    await expect(recentTask(page, 'migrate guest-2')).toContainText(
      'guest-2 moved live, with its disks from lab-1 to lab-2',
      { timeout: 60_000 },
    )
    expect(lab.whereIs(vm.uuid).map(({ hostName }) => hostName)).toEqual(['lab-2'])
    const seen = await watch.stop()
    expect(seen).toMatchObject({ tickWentBack: 0, diskCounterWentBack: 0 })
    expect(seen.boots).toHaveLength(1)
  })
})
