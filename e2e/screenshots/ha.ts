import { until } from '@drover/harness/wait'
import type { FenceDevice } from '@drover/model'
import { switchHost } from '../support/power'
import type { Site } from '../support/site'
import { menu, type Scene, toHost } from './scene'

export const ha: readonly Scene[] = [
  { name: 'cluster-what-if-two', site: 'demo', address: '/clusters/1/what-if?hosts=2,3' },
  { name: 'cluster-what-if-datastore', site: 'demo', address: '/clusters/1/what-if?stores=1' },
  {
    name: 'dialog-evacuate',
    site: 'demo',
    address: '/hosts/1',
    async act(page) {
      await menu('Evacuate')(page)
      await page.getByRole('table', { name: 'Plan' }).waitFor()
    },
  },
  {
    name: 'dialog-reboot-host',
    site: 'demo',
    address: '/hosts/1',
    async act(page) {
      await menu('Reboot')(page)
      await page.getByRole('radio', { name: 'Restart them elsewhere' }).check()
    },
  },
]

/** The device of prod-06 with another plug in it: nothing proves then that the host is off. */
async function plug(site: Site, name: string): Promise<void> {
  const hostId = (await site.operator.host('prod-06')).id
  for (const { id, params } of await site.operator.api.query<FenceDevice[]>('fence.list', { hostId }))
    await site.operator.api.mutate('fence.change', { fenceId: id, params: { ...params, plug: name } })
}

/** A host that is lost and that no device can prove off, and then each page that tells of it. */
export const unproven: readonly Scene[] = [
  {
    name: 'host-unproven',
    site: 'demo',
    address: '/hosts',
    async before(site) {
      await plug(site, 'no-such-host')
      await switchHost(site, 'prod-06', 'off')
      await until('Nothing to prove it', 90_000, async () => {
        const { task } = (await site.operator.snapshot()).rows
        return task.some(({ waiting }) => waiting?.code === 'proof') || null
      })
    },
    act: (page) => toHost(page, 'prod-06'),
  },
  {
    name: 'dialog-confirm-off',
    site: 'demo',
    address: '/hosts',
    async act(page) {
      await toHost(page, 'prod-06')
      await menu('Confirm that it is off')(page)
      await page.getByRole('list', { name: 'What is known of it' }).waitFor()
    },
  },
  {
    name: 'incident-open',
    site: 'demo',
    address: '/incidents',
    act: (page) => page.getByRole('table', { name: 'Incidents' }).getByRole('link').first().click(),
  },
  {
    name: 'root-alarms-unproven',
    site: 'demo',
    address: '/alarms',
    async after(site) {
      const { id: hostId } = await site.operator.host('prod-06')
      await site.operator.api.mutate('host.confirmOff', { hostId, confirmName: 'prod-06' })
      await plug(site, 'prod-06')
      await site.operator.do('host.powerOn', { hostId })
    },
  },
]
