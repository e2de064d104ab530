import AxeBuilder from '@axe-core/playwright'
import { openMigrate, openVm } from '../support/console'
import { expect, type Page, test } from '../support/test'

const themes = ['light', 'dark'] as const
type Theme = (typeof themes)[number]

/** What a person who cannot see well, or cannot use a mouse, would be stopped by. */
async function barriers(page: Page, theme: Theme): Promise<string[]> {
  const axe = new AxeBuilder({ page })
  // Only colours differ between the themes.
  if (theme === 'dark') axe.withRules(['color-contrast', 'link-in-text-block'])
  const { violations } = await axe.analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${page.url()} ${id}: ${html.slice(0, 160)}`))
}

const addresses = [
  '/',
  '/vms',
  '/hosts',
  '/tasks',
  '/events',
  '/decisions',
  '/incidents',
  '/alarms',
  '/clusters/1',
  '/clusters/1/ha',
  '/clusters/1/what-if?hosts=1',
  '/clusters/1/rules',
  '/clusters/1/recommendations',
  '/clusters/1/decisions',
  '/clusters/1/power',
  '/hosts/1',
  '/hosts/1/configure',
  '/hosts/1/monitor',
  '/vms/1',
  '/vms/1/configure',
  '/vms/1/monitor',
  '/datastores/1',
  '/networks/1',
  '/administration/users',
  '/account',
]

for (const theme of themes) {
  test.describe(`in the ${theme} theme`, () => {
    test.use({ colorScheme: theme })
    test.setTimeout(240_000)

    test('no page has a serious barrier, and none writes an error', async ({ page }) => {
      const found: string[] = []
      for (const address of addresses) {
        await page.goto(address)
        await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible()
        await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0)
        found.push(...(await barriers(page, theme)))
      }
      expect(found).toEqual([])
    })

    test('neither have dialogs, menus and the palette', async ({ page, operator }) => {
      const found: string[] = []
      await openVm(page, operator, 'db-01')
      await openMigrate(page, 'db-01')
      found.push(...(await barriers(page, theme)))
      await page.keyboard.press('Escape')
      await page.getByRole('main').getByRole('button', { name: 'Actions' }).click()
      await expect(page.getByRole('menu')).toBeVisible()
      found.push(...(await barriers(page, theme)))
      await page.keyboard.press('Escape')
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox').fill('db')
      found.push(...(await barriers(page, theme)))
      await page.keyboard.press('Escape')
      await page.goto('/hosts/1')
      await page.getByRole('main').getByRole('button', { name: 'Enter maintenance…' }).click()
      await expect(page.getByRole('table', { name: 'Plan' })).toBeVisible()
      found.push(...(await barriers(page, theme)))
      await page.keyboard.press('Escape')
      await page.goto('/clusters/1')
      await page.getByRole('button', { name: 'New VM…' }).click()
      await expect(page.getByText(/^Where it fits best:/)).toBeVisible()
      found.push(...(await barriers(page, theme)))
      expect(found).toEqual([])
    })
  })
}
