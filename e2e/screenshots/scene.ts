import type { Page } from '@playwright/test'
import { action } from '../support/console'
import type { Site } from '../support/site'

/** One thing to look at. */
export interface Scene {
  name: string
  site: 'demo' | 'empty'
  address: string
  signedOut?: boolean
  /** What only a desk has room for. */
  wideOnly?: boolean
  before?: (site: Site) => Promise<void>
  /** What is clicked before the picture. */
  act?: (page: Page, site: Site) => Promise<void>
  /** What is put right after each picture. */
  undo?: (site: Site) => Promise<void>
  after?: (site: Site) => Promise<void>
}

export const vmAddress = '/vms?q=db-01'

export async function toVm(page: Page, name: string): Promise<void> {
  await page.getByRole('table', { name: 'VMs' }).getByRole('link', { name, exact: true }).click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

export async function toHost(page: Page, name: string): Promise<void> {
  await page.getByRole('table', { name: 'Hosts' }).getByRole('link', { name, exact: true }).click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

export function menu(label: string) {
  return async (page: Page) => (await action(page, label)).click()
}
