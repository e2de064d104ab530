#!/usr/bin/env node
// Runs the bundle where it has been built, else the source.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
if (existsSync(path('../dist/main.js'))) await import('../dist/main.js')
else {
  const args = ['--import', import.meta.resolve('tsx'), path('../src/main.ts'), ...process.argv.slice(2)]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  process.exit(status ?? 130)
}
