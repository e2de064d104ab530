import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FenceAction } from '../port'
import { fakeProgram } from '../testing'
import { fenceAgents } from './adapter'
import { checkParams } from './check'

const secret = 'hunter2 "$(x)" %'
const params = { ip: '10.0.0.9', password: secret, lanplus: '1' }
let dir: string
let logged: string[]
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fence-'))
  logged = []
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const fencing = () => {
  const info = (message: string, fields?: object) => logged.push(`${message} ${JSON.stringify(fields)}`)
  return fenceAgents({ paths: [dir], log: { info } })
}
const run = (action: FenceAction, timeoutMs = 5_000) =>
  fencing().run(action, { agent: 'fence_fake', params, timeoutMs })
const file = (name: string) => readFileSync(join(dir, name), 'utf8')

describe('what there is', () => {
  test('programs by name, and ssh for a soft fence', async () => {
    for (const name of ['fence_fake', 'fence_ack_manual', 'other']) fakeProgram(dir, name)
    const found = await fencing().agents()
    expect(found.filter((name) => name.startsWith('fence_'))).toEqual(['fence_fake'])
    await expect(fencing().describe('fence_nothing')).rejects.toThrow('There is no fence_nothing here.')
    await expect(fencing().describe('../fence_fake')).rejects.toThrow('There is no ../fence_fake here.')
  })

  test('parameters as the program itself describes them, without what is old or not for people', async () => {
    fakeProgram(dir, 'fence_fake')
    const { description, parameters } = await fencing().describe('fence_fake')
    expect(description).toBe('Fence agent for tests & trials')
    expect(parameters.map(({ name }) => name)).toEqual([
      'ip',
      'ipport',
      'lanplus',
      'power_wait',
      'password',
      'password_script',
      'privlvl',
    ])
    expect(parameters.filter((p) => p.secret).map((p) => p.name)).toEqual(['password', 'password_script'])
    expect(parameters[0]).toMatchObject({ required: true, description: 'IP address of the device' })
    expect(parameters.at(-1)).toMatchObject({ type: 'select', options: ['user', 'administrator'] })
  })

  test('a program that is none says so', async () => {
    fakeProgram(dir, 'fence_fake')
    writeFileSync(join(dir, 'fence_fake'), '#!/bin/sh\necho hello\n')
    await expect(fencing().describe('fence_fake')).rejects.toThrow('it is no program of fence-agents')
  })
})

describe('parameters are checked', () => {
  const faults = async (given: Record<string, string>) =>
    checkParams(await fencing().describe('fence_fake'), given).map(({ field, problem }) => [field, problem])
  beforeEach(() => fakeProgram(dir, 'fence_fake'))

  test('right ones pass', async () => {
    const given = { ip: 'bmc', ipport: '623', lanplus: 'yes', power_wait: '2.5', privlvl: 'user' }
    expect(await faults(given)).toEqual([])
  })

  test('every fault is named, and a secret is not', async () => {
    const given = { ipport: 'x', lanplus: 'maybe', power_wait: 'long', privlvl: 'root', ipaddr: 'bmc' }
    expect(await faults({ ...given, password: 'two\nlines' })).toEqual([
      ['ipport', 'ipport must be a whole number, not "x".'],
      ['lanplus', 'lanplus must be on or off, not "maybe".'],
      ['power_wait', 'power_wait must be a number of seconds, not "long".'],
      ['privlvl', 'privlvl must be one of user, administrator, not "root".'],
      ['ipaddr', 'fence_fake has no parameter ipaddr.'],
      ['password', 'password has more than one line.'],
      ['ip', 'fence_fake needs ip.'],
    ])
  })
})

describe('running', () => {
  test('the state is what the device says', async () => {
    fakeProgram(dir, 'fence_fake')
    expect(await run('status')).toEqual({ power: 'on', message: 'fence_fake says that the power is on.' })
    expect(await run('off')).toEqual({ power: 'off', message: 'fence_fake says that the power is off.' })
    expect(await run('status')).toMatchObject({ power: 'off' })
    expect(await run('on')).toMatchObject({ power: 'on' })
  })

  test('secrets go by standard input only: not by arguments, environment or log', async () => {
    fakeProgram(dir, 'fence_fake')
    await run('off')
    expect(file('fence_fake.input')).toContain(`password=${secret}\n`)
    expect(file('fence_fake.calls')).not.toContain('hunter2')
    expect(file('fence_fake.env')).not.toContain('hunter2')
    expect(logged.join()).not.toContain('hunter2')
    expect(logged[0]).toContain('fence_fake off: off')
  })

  test('a program that repeats the secret is not passed on', async () => {
    fakeProgram(dir, 'fence_fake', {
      status:
        'echo "2026-01-01 00:00:00,123 ERROR: cannot log in with $given_password" >&2; echo "Please use \'-h\' for usage" >&2; exit 1',
    })
    const answer = await run('status')
    expect(answer).toEqual({
      power: 'unknown',
      message: 'fence_fake status failed (exit code 1): cannot log in with •••.',
    })
  })

  test('"OK" is not believed: a device that does nothing is still on', async () => {
    fakeProgram(dir, 'fence_fake', { off: 'echo "Success: Powered OFF"' })
    const answer = await run('off', 2_000)
    expect(answer).toEqual({
      power: 'on',
      message: 'fence_fake said OK to "off", but: fence_fake says that the power is on.',
    })
  })

  test('a device that takes its time is asked until it is off', async () => {
    const slow = 'echo x >>"$here/asked"; [ "$(wc -l <"$here/asked")" -ge 3 ] && exit 2; echo "Status: ON"'
    fakeProgram(dir, 'fence_fake', { off: 'echo "Success: Powered OFF"', status: slow })
    expect(await run('off')).toMatchObject({ power: 'off' })
    expect(file('asked')).toBe('x\nx\nx\n')
  })

  test('a refused order is told with its reason and with the state', async () => {
    fakeProgram(dir, 'fence_fake', { off: 'echo "Failed: not allowed" >&2; exit 1' })
    expect(await run('off')).toEqual({
      power: 'on',
      message:
        'fence_fake off failed (exit code 1): Failed: not allowed. fence_fake says that the power is on.',
    })
  })

  test('one that hangs is killed with all that it started, and the state is unknown', async () => {
    const mark = join(dir, 'late')
    fakeProgram(dir, 'fence_fake', { start: `(sleep 2; touch ${mark}) & sleep 30` })
    const began = Date.now()
    const answer = await run('off', 1_000)
    expect(answer.power).toBe('unknown')
    expect(answer.message).toContain('did not finish "off" within 0.7 s; the device may be out of reach.')
    expect(Date.now() - began).toBeLessThan(2_500)
    const pids = file('fence_fake.calls')
      .trim()
      .split('\n')
      .map((line) => Number(line.split(' ')[0]))
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
    const children = pids.map((pid) => existsSync(`/proc/${pid}/task`))
    expect(children).not.toContain(true)
  })

  test('a parameter that would become two is refused', async () => {
    fakeProgram(dir, 'fence_fake')
    const target = { agent: 'fence_fake', params: { ip: 'a\naction=on' }, timeoutMs: 1_000 }
    await expect(fencing().run('off', target)).rejects.toThrow('The parameter ip has more than one line.')
    expect(existsSync(join(dir, 'fence_fake.calls'))).toBe(false)
  })

  test('soft is for ssh only, and ssh switches nothing', async () => {
    fakeProgram(dir, 'fence_fake')
    await expect(run('soft')).rejects.toThrow('cannot restart an agent')
    const target = { agent: 'soft_ssh', params: { ip: '10.0.0.9' }, timeoutMs: 1_000 }
    await expect(fencing().run('off', target)).rejects.toThrow('cannot switch a host off')
  })

  test('soft: the command goes over ssh without asking anybody anything', async () => {
    writeFileSync(join(dir, 'ssh'), `#!/bin/bash\nprintf '%s\\n' "$@" >${dir}/ssh.args\n`, { mode: 0o755 })
    const run = (ip: string) =>
      fenceAgents({ paths: [dir], log: { info() {} } }).run('soft', {
        agent: 'soft_ssh',
        params: { ip, login: 'ops', identity_file: '/k' },
        timeoutMs: 2_000,
      })
    expect(await run('10.0.0.9')).toMatchObject({ power: 'unknown' })
    const args = file('ssh.args').trim().split('\n')
    expect(args).toEqual(expect.arrayContaining(['BatchMode=yes', '-i', '/k', '-l', 'ops']))
    expect(args.slice(-3)).toEqual(['--', '10.0.0.9', 'systemctl restart drover-agent'])
    await expect(run('-oProxyCommand=evil')).rejects.toThrow('needs an address')
  })
})
