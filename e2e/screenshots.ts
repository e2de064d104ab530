import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '@drover/harness/stack'
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test'
import { scenes } from './screenshots/scenes'
import { browser as settings } from './support/browser'
import { type Site, startSite } from './support/site'

/**
 * `npm run screenshots`: every page and dialog, light and dark, at three widths, full, empty and in trouble, into
 * `test-results/screenshots`, to be looked at. With `--readme`, only the picture of the README, `docs/cluster.png`.
 * `--only WORDS` takes the scenes whose name has one of the words, separated by commas. Needs the build.
 */
const { values } = parseArgs({
  options: { readme: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
})
const wanted = (name: string): boolean => values.only.split(',').some((word) => name.includes(word))
const themes = ['light', 'dark'] as const
const widths = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
  { width: 390, height: 844 },
]

interface Look {
  theme: (typeof themes)[number]
  viewport: { width: number; height: number }
}

/** One browser window for each look, used again for every scene. */
const windows = new Map<string, BrowserContext>()

async function open(browser: Browser, site: Site, { theme, viewport }: Look, signedIn = true): Promise<Page> {
  const key = JSON.stringify([site.origin, theme, viewport, signedIn])
  const context =
    windows.get(key) ??
    (await browser.newContext({
      baseURL: site.origin,
      storageState: signedIn ? site.sessions.admin : undefined,
      viewport,
      colorScheme: theme,
      reducedMotion: 'reduce',
    }))
  windows.set(key, context)
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => console.error(`  ${page.url()}: ${error.message}`))
  return page
}

/** Nothing is left to come: no skeleton, fonts there, and what glides has arrived. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => document.querySelector('h1') && !document.querySelector('[aria-label=Loading]'),
  )
  await page.evaluate(async () => {
    await document.fonts.ready
    const ending = document
      .getAnimations()
      .filter((each) => Number.isFinite(each.effect?.getComputedTiming().endTime))
    await Promise.allSettled(ending.map((each) => each.finished))
  })
}

async function readme(browser: Browser, site: Site): Promise<void> {
  mkdirSync(join(root, 'docs'), { recursive: true })
  const page = await open(browser, site, { theme: 'light', viewport: { width: 1440, height: 900 } })
  const { rows } = await site.operator.snapshot()
  const vmId = (name: string): string => rows.vm.find((vm) => vm.name === name)!.id
  await site.operator.do('vm.start', { vmId: vmId('web-06') })
  await site.operator.do('vm.migrate', { vmId: vmId('web-03') })
  await site.operator.do('vm.suspend', { vmId: vmId('app-08') })
  await page.goto('/clusters/1')
  await settled(page)
  for (const name of ['db-01', 'db-02', 'win-09'])
    await site.operator.order('vm.migrate', { vmId: vmId(name), method: 'live' })
  await page.waitForFunction(() => {
    const bars = [...document.querySelectorAll('[role=progressbar]')]
    return bars.length === 3 && bars.every((bar) => Number(bar.ariaValueNow) >= 10)
  })
  await page.screenshot({ path: join(root, 'docs/cluster.png') })
  console.log('docs/cluster.png')
}

async function all(browser: Browser, site: Site, begin: 'demo' | 'empty'): Promise<void> {
  for (const scene of scenes.filter((each) => each.site === begin && wanted(each.name))) {
    await scene.before?.(site)
    for (const theme of themes)
      for (const viewport of widths) {
        if (viewport.width === 390 && scene.wideOnly) continue
        const dir = join(root, 'test-results/screenshots', `${theme}-${viewport.width}`)
        mkdirSync(dir, { recursive: true })
        const page = await open(browser, site, { theme, viewport }, !scene.signedOut)
        try {
          await page.goto(scene.address)
          await settled(page)
          await scene.act?.(page, site)
          await settled(page)
        } catch (error) {
          console.error(`  ${scene.name}, ${theme}, ${viewport.width}: ${(error as Error).message}`)
          process.exitCode = 1
        }
        await page.screenshot({ path: join(dir, `${scene.name}.png`) })
        await page.close()
        await scene.undo?.(site)
      }
    await scene.after?.(site)
    console.log(scene.name)
  }
}

async function main(): Promise<void> {
  const browser = await chromium.launch(settings)
  try {
    for (const begin of values.readme ? (['demo'] as const) : (['demo', 'empty'] as const)) {
      if (!values.readme && !scenes.some((each) => each.site === begin && wanted(each.name))) continue
      const site = await startSite(begin, (line) => console.error(`  ${line}`))
      const interrupted = (): void => void site.destroy().finally(() => process.exit(130))
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted)
      try {
        await (values.readme ? readme(browser, site) : all(browser, site, begin))
      } finally {
        await site.destroy()
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupted)
      }
    }
  } finally {
    await browser.close()
  }
}

main().then(
  () => process.exit(),
  (error: Error) => {
    console.error(error.message)
    process.exit(1)
  },
)
