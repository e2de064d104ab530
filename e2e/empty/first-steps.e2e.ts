import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '@drover/harness/stack'
import { recentTask } from '../support/console'
import { expect, test } from '../support/test'

test('from nothing to the first VM, led by the hand', async ({ page, site }) => {
  await page.goto('/')
  const steps = page.getByRole('region', { name: 'First steps' })
  await expect(steps).toContainText('From here to your first VM')

  await steps.getByRole('button', { name: 'Add datacenter…' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Hamburg')
  await page.keyboard.press('Enter')
  await steps.getByRole('button', { name: 'Add cluster…' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('edge')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('treeitem', { name: /^edge/ })).toBeVisible()

  await steps.getByRole('button', { name: 'Add host…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a host to edge' })
  await expect(dialog).toContainText('Waiting for the host to call in')
  const command = (await dialog.getByRole('code').first().textContent())!
  expect(command).toMatch(/^curl [\s\S]+ -o drover-agent\.mjs && \\\nnode drover-agent\.mjs join --run /)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await dialog.getByRole('button', { name: 'Copy the command' }).click()
  await expect(dialog.getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(command)

  simulateHost(site, command)
  await expect(dialog.getByRole('link', { name: 'prod-01' })).toBeVisible({ timeout: 20_000 })
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByRole('treeitem', { name: /^prod-01/ })).toBeVisible()

  await steps.getByRole('button', { name: 'New VM…' }).click()
  const create = page.getByRole('dialog', { name: 'New VM' })
  await create.getByLabel('Name').fill('first')
  await create.getByRole('button', { name: 'Create first' }).click()
  await expect(recentTask(page, 'create first')).toContainText('first was created on prod-01.', {
    timeout: 45_000,
  })
  await expect(steps).toBeHidden()
})

/** One simulated host, without VMs, that joins with what the command says. */
function simulateHost(
  site: { dataDir: string; stack: import('@drover/harness/stack').Stack },
  command: string,
) {
  const word = (option: string) => new RegExp(`--${option} (\\S+)`).exec(command)![1]!
  const { dataDir, stack } = site
  const cwd = join(root, 'apps/agent')
  const text = execFileSync(process.execPath, [...stack.agent, 'describe', '--hosts', '1', '--vms', '0'], {
    cwd,
  })
  const described = JSON.parse(text.toString())
  described.hosts[0].cluster = 'edge'
  const description = join(dataDir, 'described.json')
  const tokens = join(dataDir, 'tokens.json')
  writeFileSync(description, JSON.stringify(described))
  writeFileSync(tokens, JSON.stringify({ edge: [word('token')] }))
  const options = ['--server', word('server'), '--tokens', tokens, '--description', description]
  stack.launch('host', [...stack.agent, '--dir', join(dataDir, 'host'), 'simulate', ...options], cwd)
}
