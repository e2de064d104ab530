import type { Operator } from '@drover/lab/drover'
import type { Host, Vm } from '@drover/model'
import { expect, type Locator, type Page } from '@playwright/test'

/** Goes to the page of a VM and waits until it is drawn. */
export async function openVm(page: Page, operator: Operator, name: string): Promise<Vm> {
  const vm = await operator.vm(name)
  await page.goto(`/vms/${vm.id.slice('vm-'.length)}`)
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  return vm
}

/** Goes to a page of a host (`configure`, or its summary) and waits until it is drawn. */
export async function openHost(page: Page, operator: Operator, name: string, tab = ''): Promise<Host> {
  const host = await operator.host(name)
  await page.goto(`/hosts/${host.id.slice('host-'.length)}${tab && `/${tab}`}`)
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  return host
}

/** The header of the object that is open: name, state, facts, buttons. */
export function header(page: Page): Locator {
  return page.getByRole('main').locator('header').first()
}

/** Opens the menu of the object's actions; its row whose name begins with `label`. */
export async function action(page: Page, label: string): Promise<Locator> {
  await header(page).getByRole('button', { name: 'Actions' }).click()
  return page.getByRole('menuitem', { name: new RegExp(`^${label}`) })
}

/** The line of the newest task called `what` (`migrate web-17`) among the recent tasks. */
export function recentTask(page: Page, what: string): Locator {
  return page
    .getByRole('region', { name: 'Recent tasks' })
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name: what, exact: true }) })
    .first()
}

/** Opens the migrate dialog by its button. */
export async function openMigrate(page: Page, name: string): Promise<Locator> {
  await header(page).getByRole('button', { name: 'Migrate…' }).click()
  const dialog = page.getByRole('dialog', { name: `Migrate ${name}` })
  await expect(dialog.getByRole('radiogroup', { name: 'Target host' })).toBeVisible()
  return dialog
}

export function target(dialog: Locator, host: string): Locator {
  return dialog.getByRole('radiogroup', { name: 'Target host' }).getByRole('radio', { name: host })
}
