#!/usr/bin/env node
// Runs the source where it is there, so that a checkout never shows an old build; else the bundle.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src/main.ts', import.meta.url))
if (existsSync(source)) {
  const args = ['--import', import.meta.resolve('tsx'), source, ...process.argv.slice(2)]
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
  // What a signal means, the program says.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (status, signal) => process.exit(status ?? (signal === 'SIGTERM' ? 143 : 130)))
} else {
  await import('../dist/main.js')
}
