import { cpSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { labImpossible } from '@drover/harness/system'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGuest } from '../guest/create'
import { processes, signal } from '../processes'
import { until } from '../run'
import type { LabHost } from '../types'
import { createInstallation, type Installation } from './installation'
import { agentOn, onlyJoining, pasted, shownCommand } from './join'
import { tail } from './process'
import { bundleIn } from './programs'

describe.skipIf(labImpossible())('enrolling a host', () => {
  let site: Installation
  let clusterId: string
  const operator = () => site.operator
  const hosts = async () => (await operator().snapshot()).rows.host
  const shown = () => shownCommand(operator(), clusterId)
  /** Runs the join command on a host; its output when it worked, else rejects with what it said. */
  const join_ = (host: LabHost, command: string) =>
    host.exec(...pasted(host, onlyJoining(command)), { timeoutMs: 20_000 })
  const refusals = async () => (await operator().events()).filter(({ body }) => body.kind === 'host.refused')

  beforeAll(async () => {
    site = await createInstallation({ name: 'joins', hosts: 2, joined: false })
    await operator().api.mutate('datacenter.create', { name: 'Lab' })
    const datacenterId = (await operator().snapshot()).rows.datacenter[0]!.id
    await operator().api.mutate('cluster.create', { datacenterId, name: 'lab' })
    clusterId = (await operator().snapshot()).rows.cluster[0]!.id
  })
  afterAll(() => site?.destroy())

  test('a server that shows another certificate than the pinned one is told nothing', async () => {
    const command = await shown()
    const otherKey = command.replace(/sha256\/\/[^']+/, `sha256//${'A'.repeat(43)}=`)
    await expect(join_(site.lab.host(1), otherKey)).rejects.toThrow(/does not match pinned public key/)
    const otherPin = command.replace(/sha256:\w+/, `sha256:${'ab'.repeat(32)}`)
    await expect(join_(site.lab.host(1), otherPin)).rejects.toThrow(/another certificate/)
    expect(await hosts()).toEqual([])
  })

  test('the command that is shown, pasted as it stands, enrols a host and runs its agent, over TLS', async () => {
    const host = site.lab.host(1)
    const guest = await createGuest(site.lab, host, { name: 'here-before', number: 41 })
    await host.virsh('start', guest.name)
    const command = await shown()
    expect(command).toMatch(/https:\/\/10\.78\.\d+\.1:8443\/drover-agent\.mjs/)
    const running = host.exec(...pasted(host, command))
    const ended = running.catch((error: Error) => error.message)
    const row = await until('it has reported', 15_000, async () => {
      const found = (await hosts()).find(({ name }) => name === 'lab-1')
      return found?.state === 'connected' && found.datastores.length === 2 && found
    })
    expect(row.facts).toMatchObject({ hypervisor: { kind: 'libvirt', accelerator: 'tcg' } })
    const { datastore, network } = (await operator().snapshot()).rows
    const adopted = await until('its VM is adopted', 5_000, () => operator().findVm(guest.name))
    expect(adopted).toMatchObject({ uuid: guest.uuid, power: 'running', hostId: row.id })
    await host.virsh('destroy', guest.name)
    expect(datastore.map(({ name }) => name).sort()).toEqual(['local-1', 'shared'])
    expect(network.map(({ name }) => name)).toEqual(['br0'])

    const fetched = readFileSync(join(host.agentDir, 'drover-agent.mjs'))
    expect(fetched.equals(readFileSync(bundleIn(site.lab.dir)))).toBe(true)
    const agent = processes().filter(({ args }) => args[0] === 'node' && args.includes(host.agentDir))
    expect(agent).toHaveLength(1)
    signal(agent[0]!.pid, 'SIGTERM')
    expect(await ended).toContain('lab-1 has joined')

    // Once more, after a reboot, say: the token is used, and that does not matter.
    const isNow = (state: string) => async () => (await hosts()).some((found) => found.state === state)
    await until('its silence is noticed', 15_000, isNow('unwatched'))
    const again = host.exec(...pasted(host, command)).catch((error: Error) => error.message)
    const second = await until('it runs again', 15_000, () =>
      processes().find(({ args }) => args[0] === 'node' && args.includes(host.agentDir)),
    )
    await until('it is connected again', 15_000, isNow('connected'))
    signal(second.pid, 'SIGTERM')
    expect(await again).toContain('has joined already, as lab-1')
    await host.startAgent([...agentOn(host, site.agent), 'run'])
  })

  test('a used, an unknown and an expired token are refused in words', async () => {
    const host = site.lab.host(2)
    const used = await shown()
    expect(await join_(host, used)).toContain('lab-2 has joined')
    rmSync(host.agentDir, { recursive: true })
    mkdirSync(host.agentDir)
    const other = { ...host, name: 'lab-9' }
    await expect(join_(other, used)).rejects.toThrow(/token: it has been used/)
    const unknown = used.replace(/--token \S+/, '--token nobody-ever-made-this-one')
    await expect(join_(other, unknown)).rejects.toThrow(/token: it is not known/)

    const late = await shown()
    await site.control.process.end('SIGKILL')
    const url = Object.assign(new URL(site.postgres.url), { pathname: '/drover' }).toString()
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const { rowCount } = await client.query(
      `UPDATE token SET expires_at = now() - interval '1 minute' WHERE used_at IS NULL`,
    )
    await client.end()
    expect(rowCount).toBeGreaterThan(0)
    await site.control.lead()
    await expect(join_(other, late)).rejects.toThrow(/token: it has expired/)
    expect((await hosts()).map(({ name }) => name)).not.toContain('lab-9')
  })

  test('an agent with a wrong key is turned away, and history says so', async () => {
    const host = site.lab.host(1)
    const key = join(host.agentDir, 'key.pem')
    await host.stopAgent()
    renameSync(key, `${key}.right`)
    const before = (await refusals()).length
    await host.startAgent([...agentOn(host, site.agent), 'run'])
    await until('it is turned away', 15_000, async () => (await refusals()).length > before)
    expect((await refusals()).at(-1)!.body).toMatchObject({ host: { name: 'lab-1' } })
    expect(tail(host.agentLogPath)).toMatch(/refuses this agent/)
    await host.stopAgent()
    renameSync(`${key}.right`, key)
    await host.startAgent([...agentOn(host, site.agent), 'run'])
    await until('the right one is welcome', 25_000, async () =>
      (await hosts()).some(({ name, state }) => name === 'lab-1' && state === 'connected'),
    )
  })

  test('of two agents that claim one host, history tells', async () => {
    const [one, two] = [site.lab.host(1), site.lab.host(2)]
    rmSync(two.agentDir, { recursive: true })
    cpSync(one.agentDir, two.agentDir, { recursive: true })
    const before = (await refusals()).length
    await two.startAgent([...agentOn(two, site.agent), 'run'])
    await until('it is told', 20_000, async () => (await refusals()).length > before)
    await two.stopAgent()
    expect((await refusals()).at(-1)!.body).toMatchObject({ host: { name: 'lab-1' } })
    await until('the first one is heard', 25_000, async () =>
      (await hosts()).some(({ name, state }) => name === 'lab-1' && state === 'connected'),
    )
  })
})
