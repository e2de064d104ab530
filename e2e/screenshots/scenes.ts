import { until } from '@drover/harness/wait'
import { header } from '../support/console'
import type { Site } from '../support/site'
import { ha, unproven } from './ha'
import { applied, asleep, load } from './load'
import { menu, type Scene, toHost, toVm, vmAddress } from './scene'

const pages: Scene[] = [
  ['root', '/'],
  ['root-vms', '/vms'],
  ['root-hosts', '/hosts'],
  ['root-tasks', '/tasks'],
  ['root-events', '/events'],
  ['datacenter', '/datacenters/1'],
  ['cluster', '/clusters/1'],
  ['cluster-hosts', '/clusters/1/hosts'],
  ['cluster-ha', '/clusters/1/ha'],
  ['cluster-rules', '/clusters/1/rules'],
  ['cluster-rules-none', '/clusters/2/rules'],
  ['cluster-recommendations', '/clusters/1/recommendations'],
  ['cluster-recommendations-off', '/clusters/2/recommendations'],
  ['cluster-decisions', '/clusters/1/decisions'],
  ['cluster-power', '/clusters/1/power'],
  ['host-monitor', '/hosts/1/monitor'],
  ['vm-monitor', '/vms/1/monitor'],
  ['root-decisions', '/decisions'],
  ['cluster-what-if', '/clusters/1/what-if?hosts=2'],
  ['cluster-what-if-none', '/clusters/1/what-if'],
  ['root-incidents-none', '/incidents'],
  ['root-alarms', '/alarms'],
  ['host', '/hosts/1'],
  ['host-configure', '/hosts/1/configure'],
  ['vm-configure', '/vms/1/configure'],
  ['host-vms', '/hosts/1/vms'],
  ['datastore', '/datastores/1'],
  ['network', '/networks/1'],
  ['users', '/administration/users'],
  ['account', '/account'],
  ['no-match', '/vms?q=no-such-thing'],
  ['no-page', '/somewhere'],
  ['no-object', '/vms/999999'],
].map(([name, address]) => ({ name: name!, address: address!, site: 'demo' }))

const dialogs: Scene[] = [
  {
    name: 'vm',
    site: 'demo',
    address: vmAddress,
    act: (page) => toVm(page, 'db-01'),
  },
  {
    name: 'vm-menu',
    site: 'demo',
    address: vmAddress,
    async act(page) {
      await toVm(page, 'db-01')
      await header(page).getByRole('button', { name: 'Actions' }).click()
    },
  },
  {
    name: 'reason',
    site: 'demo',
    address: '/hosts/1',
    wideOnly: true,
    async act(page) {
      await header(page).getByRole('button', { name: 'Actions' }).click()
      await page.getByRole('menuitem', { name: /^Power on/ }).hover()
      await page.getByRole('tooltip').waitFor()
    },
  },
  {
    name: 'dialog-migrate',
    site: 'demo',
    address: vmAddress,
    async act(page) {
      await toVm(page, 'db-01')
      await header(page).getByRole('button', { name: 'Migrate…' }).click()
      await page.getByRole('region', { name: 'Plan' }).getByRole('listitem').first().waitFor()
    },
  },
  ...(['Shut down', 'Hard stop', 'Edit'] as const).map(
    (label): Scene => ({
      name: `dialog-${label.toLowerCase().replace(' ', '-')}`,
      site: 'demo',
      address: vmAddress,
      async act(page) {
        await toVm(page, 'db-01')
        if (label === 'Shut down') await header(page).getByRole('button', { name: 'Shut down…' }).click()
        else await menu(label)(page)
      },
    }),
  ),
  {
    name: 'dialog-delete',
    site: 'demo',
    address: '/vms?q=web-17',
    async act(page) {
      await toVm(page, 'web-17')
      await menu('Delete')(page)
    },
  },
  {
    name: 'dialog-new-vm',
    site: 'demo',
    address: '/clusters/1',
    async act(page) {
      await header(page).getByRole('button', { name: 'New VM…' }).click()
      await page.getByText(/^Where it fits best:/).waitFor()
    },
  },
  {
    name: 'dialog-add-host',
    site: 'demo',
    address: '/clusters/1',
    async act(page) {
      await header(page).getByRole('button', { name: 'Add host…' }).click()
      await page.getByRole('dialog').getByRole('code').waitFor()
    },
  },
  { name: 'dialog-cluster', site: 'demo', address: '/clusters/1', act: menu('Name and limits') },
  {
    name: 'dialog-enter-maintenance',
    site: 'demo',
    address: '/hosts/1',
    async act(page) {
      await menu('Enter maintenance')(page)
      await page.getByRole('table', { name: 'Plan' }).waitFor()
    },
  },
  {
    name: 'dialog-shut-down-host',
    site: 'demo',
    address: '/hosts/1',
    async act(page) {
      await menu('Shut down')(page)
      await page.getByRole('table', { name: 'Plan' }).waitFor()
    },
  },
  {
    name: 'dialog-fence',
    site: 'demo',
    address: '/hosts/1',
    async act(page) {
      await menu('Fence')(page)
      await page
        .getByText(/runs again on/)
        .first()
        .waitFor()
    },
  },
  {
    name: 'dialog-fence-device',
    site: 'demo',
    address: '/hosts/1/configure',
    async act(page) {
      await page.getByRole('main').getByRole('button', { name: 'Change…' }).first().click()
      await page.getByRole('dialog').getByLabel('Plug').waitFor()
    },
  },
  {
    name: 'dialog-rule',
    site: 'demo',
    address: '/clusters/1/rules',
    async act(page) {
      await page.getByRole('button', { name: 'New rule…' }).first().click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Name').fill('databases apart')
      for (const name of ['db-01', 'db-02']) {
        await dialog.getByLabel('Filter VMs').fill(name)
        await dialog.getByRole('checkbox', { name, exact: true }).check()
      }
    },
  },
  { name: 'dialog-roll', site: 'demo', address: '/clusters/1', act: menu('Rolling maintenance') },
  { name: 'dialog-disarm', site: 'demo', address: '/clusters/1', act: menu('Disarm') },
  {
    name: 'dock-alarms',
    site: 'demo',
    address: '/clusters/1',
    act: (page) => page.getByRole('button', { name: /^(No alarms|Alarms:)/ }).click(),
  },
  { name: 'dialog-remove-host', site: 'demo', address: '/hosts/1', act: menu('Remove from Drover') },
  {
    name: 'dialog-user',
    site: 'demo',
    address: '/administration/users',
    act: (page) => page.getByRole('button', { name: 'Add user…' }).click(),
  },
  {
    name: 'palette',
    site: 'demo',
    address: '/clusters/1',
    async act(page) {
      await page.getByRole('button', { name: /^Search or act/ }).click()
      await page.getByRole('dialog').getByRole('combobox').fill('migrate web')
    },
  },
  {
    name: 'chosen',
    site: 'demo',
    address: '/vms?q=dev-',
    wideOnly: true,
    async act(page) {
      await page
        .getByRole('checkbox', { name: /^Select dev-/ })
        .nth(0)
        .click()
      await page
        .getByRole('checkbox', { name: /^Select dev-/ })
        .nth(2)
        .click()
    },
  },
  {
    name: 'event-filters',
    site: 'demo',
    address: '/events',
    act: (page) => page.getByRole('button', { name: 'About' }).click(),
  },
]

async function vmId(site: Site, name: string): Promise<string> {
  return (await site.operator.vm(name)).id
}

const work: Scene[] = [
  {
    name: 'migrating',
    site: 'demo',
    address: '/clusters/1',
    async before(site) {
      const options = { bandwidthBytesPerSecond: 80e6 }
      for (const name of ['win-01', 'win-03', 'win-04', 'win-07', 'build-01', 'db-02'])
        await site.operator.order('vm.migrate', { vmId: await vmId(site, name), method: 'live', options })
    },
  },
  {
    name: 'task-under-way',
    site: 'demo',
    address: '/tasks',
    act: (page) => page.getByRole('main').getByRole('link', { name: 'migrate win-01' }).first().click(),
    async after(site) {
      for (const { id, state } of (await site.operator.snapshot()).rows.task)
        if (state === 'running' || state === 'queued')
          await site.operator.api.mutate('task.cancel', { taskId: id })
    },
  },
  {
    name: 'task-done',
    site: 'demo',
    address: '/tasks',
    before: async (site) => {
      await site.operator.do('vm.migrate', {
        vmId: await vmId(site, 'cache-06'),
        method: 'cold',
        reason: 'new disks',
      })
    },
    act: (page) => page.getByRole('main').getByRole('link', { name: 'migrate cache-06' }).first().click(),
  },
  {
    name: 'vm-gone',
    site: 'demo',
    address: '/vms?q=mail-01',
    async act(page, site) {
      const vm = await site.operator.findVm('mail-01')
      if (vm) await site.operator.do('vm.delete', { vmId: vm.id, confirmName: 'mail-01' })
      const { task } = (await site.operator.snapshot()).rows
      const id = task.find(({ vmName }) => vmName === 'mail-01')!.vmId!
      await page.goto(`/vms/${id.slice('vm-'.length)}`)
      await page.getByText('mail-01 is no longer here').waitFor()
    },
  },
]

/** A host that is fenced, and then each page that tells of it. */
const failure: Scene[] = [
  {
    name: 'cluster-fenced',
    site: 'demo',
    address: '/clusters/1',
    async before(site) {
      const host = await site.operator.host('prod-03')
      await site.operator.do('host.fence', { hostId: host.id, confirmName: 'prod-03' })
      await until('Its VMs', 60_000, async () => {
        const { vm } = (await site.operator.snapshot()).rows
        return vm.every(({ recovery }) => recovery === null) || null
      })
    },
  },
  { name: 'host-fenced', site: 'demo', address: '/hosts', act: (page) => toHost(page, 'prod-03') },
  {
    name: 'incident',
    site: 'demo',
    address: '/incidents',
    act: (page) => page.getByRole('table', { name: 'Incidents' }).getByRole('link').first().click(),
  },
  {
    name: 'root-incidents',
    site: 'demo',
    address: '/incidents',
    async after(site) {
      const host = await site.operator.host('prod-03')
      await site.operator.do('host.powerOn', { hostId: host.id })
    },
  },
]

const trouble: Scene[] = [
  {
    name: 'database-away',
    site: 'demo',
    address: '/hosts/1',
    async act(page, site) {
      await site.postgres.crash()
      await page.getByText(/^The database has not answered/).waitFor()
    },
    async undo(site) {
      await site.postgres.restart()
      await until('Changes', 30_000, async () => {
        await site.operator.api.query('event.list', { limit: 1 })
        return true
      })
    },
  },
  {
    name: 'control-away',
    site: 'demo',
    address: '/clusters/1',
    async act(page, site) {
      await site.stack.processes.crash('control')
      await page.getByText(/^No line to control/).waitFor()
    },
    async undo(site) {
      site.stack.processes.restart('control')
      await until('Control', 60_000, async () => (await site.operator.snapshot()).rows.host.length || null)
    },
  },
  { name: 'sign-in', site: 'demo', address: '/sign-in', signedOut: true },
  {
    name: 'sign-in-refused',
    site: 'demo',
    address: '/sign-in',
    signedOut: true,
    async act(page) {
      await page.getByLabel('Name').fill('anna')
      await page.getByLabel('Password').fill('wrong')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('form').getByRole('alert').waitFor()
    },
  },
]

const empty: Scene[] = [
  ['empty-root', '/'],
  ['empty-vms', '/vms'],
  ['empty-hosts', '/hosts'],
  ['empty-tasks', '/tasks'],
].map(([name, address]) => ({ name: name!, address: address!, site: 'empty' }))

export const scenes: readonly Scene[] = [
  ...pages,
  ...load,
  ...ha,
  ...dialogs,
  ...asleep,
  ...applied,
  ...work,
  ...failure,
  ...unproven,
  ...trouble,
  ...empty,
]
