import { people } from '../support/site'
import { expect, type Page, test } from '../support/test'

test.use({ as: 'nobody' })

const refused = /status of 401|status of 429/

async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test('whoever is not signed in is asked to, and then gets where they wanted', async ({
  page,
  site,
  complaints,
}) => {
  complaints.allow(refused)
  await page.goto('/vms?q=web')
  await expect(page).toHaveURL(/\/sign-in\?next=/)
  await signIn(page, people.operator, site.passwords.operator)
  await expect(page).toHaveURL(/\/vms\?q=web$/)
  await expect(page.getByRole('table', { name: 'VMs' })).toBeVisible()
})

test('a wrong password is refused in words; the right one works after it; signing out ends it', async ({
  page,
  site,
  complaints,
}) => {
  complaints.allow(refused)
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByText('Type your password.')).toBeVisible()
  await signIn(page, 'admin', 'not the password')
  await expect(page.getByRole('form').getByRole('alert')).toContainText(
    'Name and password do not belong together.',
  )
  await expect(page.getByLabel('Password')).toHaveValue('')
  await expect(page.getByLabel('Password')).toBeFocused()
  await signIn(page, 'admin', site.passwords.admin)
  await expect(page.getByRole('heading', { level: 1, name: 'Everything' })).toBeVisible()

  await page.getByRole('button', { name: /^Signed in as admin/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/\/sign-in/)
  await page.goto('/')
  await expect(page).toHaveURL(/\/sign-in/)
})

test('guessing is slowed down, and says for how long', async ({ page, complaints }) => {
  complaints.allow(refused)
  await page.goto('/sign-in')
  const alert = page.getByRole('form').getByRole('alert')
  await expect(async () => {
    await signIn(page, 'admin', 'a guess')
    await expect(alert).toContainText('Too many attempts. Wait a minute', { timeout: 500 })
  }).toPass({ timeout: 30_000 })
})
