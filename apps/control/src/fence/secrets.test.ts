import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { secretsWithKey } from './secrets'

describe('secrets of fence devices', () => {
  let dir: string
  let path: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'drover-secrets-'))
    path = join(dir, 'made/secret.key')
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('are sealed so that only the same key opens them, another way each time', async () => {
    const secrets = await secretsWithKey(path)
    const sealed = secrets.seal('öpen sesame')
    expect(sealed).not.toContain('sesame')
    expect(secrets.seal('öpen sesame')).not.toBe(sealed)
    expect(secrets.open(sealed)).toBe('öpen sesame')
    expect(secrets.open(secrets.seal(''))).toBe('')
    const later = await secretsWithKey(path)
    expect(later.open(sealed)).toBe('öpen sesame')
  })

  it('make their key once, for the eyes of its owner only', async () => {
    await secretsWithKey(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const key = readFileSync(path, 'utf8')
    expect(Buffer.from(key.trim(), 'base64url')).toHaveLength(32)
    await secretsWithKey(path)
    expect(readFileSync(path, 'utf8')).toBe(key)
  })

  it('use one key, also when two daemons begin at once', async () => {
    const [one, other] = await Promise.all([secretsWithKey(path), secretsWithKey(path)])
    expect(other.open(one.seal('sesame'))).toBe('sesame')
  })

  it('are not sealed with a key that is empty', async () => {
    const empty = join(dir, 'empty.key')
    writeFileSync(empty, '')
    await expect(secretsWithKey(empty)).rejects.toThrow(`The key in ${empty} is empty.`)
  })

  it('say which key is the wrong one, and nothing of what is sealed', async () => {
    const sealed = (await secretsWithKey(path)).seal('sesame')
    const otherPath = join(dir, 'other.key')
    writeFileSync(otherPath, 'another key')
    const other = await secretsWithKey(otherPath)
    expect(() => other.open(sealed)).toThrow(
      `It was sealed with another key than the one in ${otherPath}. Enter it again, or bring that key back.`,
    )
  })

  it('are not opened when a bit of them was changed or some are missing', async () => {
    const secrets = await secretsWithKey(path)
    const [version, ...parts] = secrets.seal('sesame').split('.')
    for (const at of parts.keys()) {
      const bytes = Buffer.from(parts[at]!, 'base64url')
      bytes[0]! ^= 1
      const changed = parts.with(at, bytes.toString('base64url'))
      expect(() => secrets.open([version, ...changed].join('.'))).toThrow(/another key/)
    }
    for (const text of [
      '',
      'v1',
      'sesame',
      `v2.${parts.join('.')}`,
      `${version}.${parts[0]}.${parts[1]!.slice(0, 6)}.${parts[2]}`,
    ])
      expect(() => secrets.open(text)).toThrow(/another key/)
  })
})
