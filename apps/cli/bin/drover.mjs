#!/usr/bin/env node
// Runs the source where it is there, so that a checkout never shows an old build; else the bundle.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src/main.ts', import.meta.url))
if (existsSync(source)) {
  const args = ['--import', import.meta.resolve('tsx'), source, ...process.argv.slice(2)]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  process.exit(status ?? 130)
} else {
  await import('../dist/main.js')
}
