import { defineConfig } from '@playwright/test'
import { browser } from './support/browser'
import type { Settings } from './support/test'

/** Browser tests against the built product: PostgreSQL, control, dashboard and agents as separate processes. */
export default defineConfig<object, Settings>({
  testMatch: '**/*.e2e.ts',
  outputDir: '../test-results/e2e',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // One data centre at a time: the tests of a project share it, each with VMs of its own.
  workers: 1,
  fullyParallel: false,
  // On a machine that nobody watches, one slow moment of a browser must not hide what all the others say; whatever
  // needed its second try is named at the end.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: true,
  reporter: 'list',
  use: {
    launchOptions: browser,
    viewport: { width: 1440, height: 900 },
    actionTimeout: 15_000,
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'demo', testDir: 'demo', use: { begin: 'demo' } },
    { name: 'empty', testDir: 'empty', use: { begin: 'empty' } },
    { name: 'lab', testDir: 'lab', timeout: 120_000, use: { begin: 'lab' } },
  ],
})
