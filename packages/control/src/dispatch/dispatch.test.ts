import { decideCancel, decideGiveUp, decideMigrate, decidePower } from '@drover/engine'
import type { Patch, Task, ToBrowser } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { settled } from '../testing/clock'
import { ada, daemon, domain, estate } from '../testing/daemon'

type Estate = Awaited<ReturnType<typeof estate>>

async function stop(on: Estate) {
  const answer = await on.control.propose(ada, (w, c) => decidePower(w, 'vm.stop', { vmId: 'vm-1' }, c))
  await settled()
  return answer.ok ? (answer.value.taskId as Task['id']) : null
}

const ok = { ok: true, data: null } as const

describe('an order', () => {
  it('reaches its agent after the commit, and its answer ends the task', async () => {
    const on = await estate(1)
    const [agent] = on.agents
    const taskId = (await stop(on))!
    expect(agent!.commands).toEqual([
      { id: `${taskId}/1`, term: 1, body: { kind: 'vm.stop', uuid: domain(1).uuid } },
    ])
    await agent!.changed([domain(1, 'off')])
    expect(await agent!.result(`${taskId}/1`, ok)).toEqual({ received: true })
    expect(on.control.world.tables.task.get(taskId)).toMatchObject({
      state: 'succeeded',
      outcome: { code: 'power_is', power: 'off' },
    })
    const [power] = await on.control.events({ kinds: ['vm.power'], limit: 9 })
    expect(power).toMatchObject({ initiator: ada, taskId, body: { outside: false } })
  })

  it('is asked about when the answer comes before the report', async () => {
    const on = await estate(1)
    const [agent] = on.agents
    const taskId = (await stop(on))!
    await agent!.result(`${taskId}/1`, ok)
    expect(agent!.commands.at(-1)).toMatchObject({ id: `${taskId}/2`, body: { kind: 'vm.inspect' } })
    const data = { domain: domain(1, 'off'), definition: null }
    await agent!.result(`${taskId}/2`, { ok: true, data })
    expect(on.control.world.tables.vm.get('vm-1')!.power).toBe('off')
    expect(on.control.world.tables.task.get(taskId)!.state).toBe('succeeded')
  })

  it('is said again on a new line, and until it is acknowledged', async () => {
    const on = await estate(1)
    const [agent] = on.agents
    agent!.ack = null
    await stop(on)
    expect(agent!.commands).toHaveLength(1)
    await on.clock.pass(2_100)
    expect(agent!.commands.length).toBeGreaterThan(1)
    agent!.ack = { accepted: true }
    await on.clock.pass(2_100)
    const said = agent!.commands.length
    await on.clock.pass(10_000)
    expect(agent!.commands).toHaveLength(said)
    agent!.lose()
    agent!.connect(on.control)
    await agent!.hello()
    expect(agent!.commands).toHaveLength(said + 1)
    expect(new Set(agent!.commands.map(({ id }) => id)).size).toBe(1)
  })

  it('is answered once: the same answer again, or one to an order that never was, changes nothing', async () => {
    const on = await estate(2)
    const [agent, other] = on.agents
    const taskId = (await stop(on))!
    await agent!.changed([domain(1, 'off')])
    expect(await other!.result(`${taskId}/1`, ok)).toEqual({ received: true })
    expect(on.control.world.tables.task.get(taskId)!.state).toBe('running')
    await agent!.result(`${taskId}/1`, ok)
    const { seq } = on.control.health()
    expect(await agent!.result(`${taskId}/1`, ok)).toEqual({ received: true })
    expect(await agent!.result('task-99/1', ok)).toEqual({ received: true })
    expect(on.control.health().seq).toBe(seq)
  })

  it('of a task that was given up is not sent again, and its late answer only asks for a report', async () => {
    const on = await estate(1)
    const [agent] = on.agents
    const taskId = (await stop(on))!
    agent!.lose()
    await on.clock.pass(4_000)
    expect(on.control.world.tables.task.get(taskId)!.waiting).toMatchObject({ code: 'host_answer' })
    await on.control.propose(ada, (w, c) => decideGiveUp(w, { taskId }, c))
    const sent = agent!.commands.length
    agent!.connect(on.control)
    await agent!.hello()
    await agent!.sayReport()
    expect(agent!.commands).toHaveLength(sent)
    expect(on.control.world.tables.vm.get('vm-1')!.power).toBe('running')
    agent!.domains = [domain(1, 'off')]
    const asked = agent!.asks.length
    expect(await agent!.result(`${taskId}/1`, ok)).toEqual({ received: true })
    expect(agent!.asks.slice(asked)).toEqual([{ what: 'report' }])
    expect(on.control.world.tables.vm.get('vm-1')!.power).toBe('off')
    expect(on.control.world.tables.task.get(taskId)).toMatchObject({ state: 'failed', result: null })
  })

  it('is not acknowledged as answered while that cannot be kept', async () => {
    const on = await estate(1)
    const taskId = (await stop(on))!
    on.store.away = true
    await on.agents[0]!.changed([domain(1, 'off')])
    expect(await on.agents[0]!.result(`${taskId}/1`, ok)).toMatchObject({ refused: expect.any(String) })
    on.store.away = false
    await on.clock.pass(1_000)
    expect(await on.agents[0]!.result(`${taskId}/1`, ok)).toEqual({ received: true })
  })

  it('with an answer that cannot be read has failed', async () => {
    const on = await estate(1)
    const taskId = (await stop(on))!
    await on.agents[0]!.result(`${taskId}/1`, ok)
    await on.agents[0]!.result(`${taskId}/2`, { ok: true, data: { nonsense: 1 } })
    expect(on.control.world.tables.task.get(taskId)).toMatchObject({ state: 'running' })
    for (let n = 0; n < 20; n += 1) {
      await on.clock.pass(2_100)
      const last = on.agents[0]!.commands.at(-1)!
      await on.agents[0]!.result(last.id, { ok: true, data: { nonsense: 1 } })
      on.agents[0]!.heartbeat()
    }
    expect(on.control.world.tables.task.get(taskId)).toMatchObject({
      state: 'failed',
      outcome: { code: 'command_failed', cause: expect.stringContaining('cannot be read') },
    })
  })

  it('goes on under the next leader', async () => {
    const on = await estate(1)
    const taskId = (await stop(on))!
    await on.control.stop()
    const next = daemon(on, 'control-2')
    await next.control.start()
    const [agent] = on.agents
    agent!.connect(next.control)
    await agent!.hello()
    expect(agent!.commands.at(-1)).toMatchObject({ id: `${taskId}/1`, term: 2 })
    await agent!.result(`${taskId}/1`, ok)
    await agent!.sayReport()
    expect(next.control.world.tables.task.get(taskId)!.command!.id).toBe(`${taskId}/2`)
  })
})

describe('a migration', () => {
  it('reports progress that never goes back, and its cancellation reaches the agent once', async () => {
    const on = await estate(2)
    const [source, target] = on.agents
    const heard: { patches: Patch[]; progress: number[] } = { patches: [], progress: [] }
    const sink: ToBrowser = {
      patch: (patch) => heard.patches.push(patch),
      usage: () => {},
      health: () => {},
      progress: (all) => heard.progress.push(...Object.values(all).map(({ fraction }) => fraction)),
    }
    on.control.subscribe(sink)
    const answer = await on.control.propose(ada, (w, c) => decideMigrate(w, { vmId: 'vm-1' }, c))
    if (!answer.ok) throw new Error(JSON.stringify(answer.refusals))
    await settled()
    const taskId = answer.value.taskId!
    const inspect = target!.commands.at(-1)!
    await target!.result(inspect.id, { ok: true, data: { domain: null, definition: null } })
    const migrate = source!.commands.at(-1)!
    expect(migrate.body).toMatchObject({ kind: 'vm.migrate', targetAddress: '10.0.0.9', disks: [] })
    const bytes = { doneBytes: 1, totalBytes: 2, bytesPerSecond: 1, remainingMs: 1 }
    for (const fraction of [0.5, 0.3, 0.7]) {
      await source!.say('progress', { commandId: migrate.id, fraction, ...bytes })
      await on.clock.pass(500)
    }
    expect(heard.progress).toEqual([0.5, 0.7])

    await on.control.propose(ada, (w, c) => decideCancel(w, { taskId }, c))
    await settled()
    expect(source!.cancels).toEqual([{ commandId: migrate.id, term: 1 }])
    await source!.result(migrate.id, { ok: false, error: 'aborted', message: 'aborted' })
    await target!.result(target!.commands.at(-1)!.id, { ok: true, data: { domain: null, definition: null } })
    const here = { domain: domain(1), definition: null }
    await source!.result(source!.commands.at(-1)!.id, { ok: true, data: here })
    expect(on.control.world.tables.task.get(taskId)).toMatchObject({
      state: 'cancelled',
      outcome: { code: 'cancelled', where: { id: 'host-1' } },
    })
    expect(on.control.world.progress.size).toBe(0)

    // Browsers follow without a gap, and see nothing of control's working memory.
    const seqs = heard.patches.map(({ fromSeq, toSeq }) => [fromSeq, toSeq] as const)
    for (const [i, [from]] of seqs.entries()) if (i > 0) expect(from).toBe(seqs[i - 1]![1])
    expect(JSON.stringify(heard.patches)).not.toContain('vm.inspect')
    expect(JSON.stringify(on.control.snapshot().rows.task)).not.toContain('vm.inspect')
    expect(on.control.snapshot().seq).toBe(seqs.at(-1)![1])
  })
})
