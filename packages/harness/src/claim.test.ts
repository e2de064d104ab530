import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claim } from './claim'

describe('claim', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'drover-claim-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('refuses a second starter and says where the first one is', async () => {
    const first = await claim(dir, 'http://localhost:1')
    await expect(claim(dir, 'http://localhost:2')).rejects.toThrow(/already, at http:\/\/localhost:1/)
    first.release()
    await expect(claim(dir, 'http://localhost:2')).resolves.toBeDefined()
  })

  it('ends what a killed starter has left, and nobody who has only inherited its pid', async () => {
    const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      detached: true,
      stdio: 'ignore',
    })
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      detached: true,
      stdio: 'ignore',
    })
    const gone = { pid: 2 ** 22 + 1, began: '1' }
    const first = await claim(dir, 'http://localhost:1')
    first.add(left.pid!)
    const written = JSON.parse(readFileSync(join(dir, 'running.json'), 'utf8'))
    const children = [...written.children, { pid: other.pid, began: '1' }]
    writeFileSync(join(dir, 'running.json'), JSON.stringify({ ...written, owner: gone, children }))
    const [second] = await Promise.all([claim(dir, 'http://localhost:2'), once(left, 'exit')])
    expect(left.signalCode).toBe('SIGTERM')
    expect(other.exitCode ?? other.signalCode).toBeNull()
    other.kill('SIGKILL')
    second.release()
  })
})
