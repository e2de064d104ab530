import { isOpen, type Task } from '@drover/model'
import { type Checker, news, type Scene } from './checker'

/** Invariant 4. */
export function nothingLost(): Checker {
  const fresh = news()
  return {
    name: 'nothing acknowledged is lost',
    holds:
      'Every accepted task ends succeeded, failed or cancelled, and says of the world what is true of it.',
    always(scene) {
      const breaches: string[] = []
      for (const { body, at } of fresh(scene)) {
        if (body.kind !== 'task.ended') continue
        const task = scene.ledger.task(body.task.id)
        if (!task) breaches.push(`${body.task.id} ended and is not there`)
        else if (isOpen(task) || !task.outcome)
          breaches.push(`${task.id} ended as ${task.state} without an outcome`)
        else
          breaches.push(
            ...lies(scene, task).map((lie) => `${task.id} (${task.kind} ${task.vmName}) at ${at}: ${lie}`),
          )
      }
      return breaches
    },
    atRest({ accepted, ledger }) {
      const open = [...ledger.folded.task.values()].filter(isOpen)
      const lost = [...accepted.keys()].filter((id) => !ledger.task(id))
      return [
        ...open.map(
          (task) =>
            `${task.id} (${task.kind} ${task.vmName}) never ended: ${task.state}, ` +
            `${task.steps.find((step) => step.state === 'running')?.name ?? 'no step'}, ` +
            `command ${JSON.stringify(task.command)}, waiting ${JSON.stringify(task.waiting)}`,
        ),
        ...lost.map((id) => `${id} was accepted and is gone`),
      ]
    },
  }
}

/** What its outcome claims and the hypervisors deny, unless something past Drover had its hands on the VM meanwhile. */
function lies(scene: Scene, task: Task): string[] {
  const { truth, ledger } = scene
  const { outcome } = task
  if (task.host) return hostLies(scene, task)
  const vm = task.vmId ? ledger.folded.vm.get(task.vmId) : undefined
  const uuid = vm?.uuid ?? (task as Task<'vm.create'>).params.uuid
  if (!outcome || !uuid || (scene.meddled.get(uuid) ?? 0) >= task.createdAt - 5_000) return []
  const host = (id: string | undefined) => (id ? ledger.folded.host.get(id)?.name : undefined)
  const defined = truth.definedOn(uuid)
  const active = truth.activeOn(uuid)
  const running = truth.runningOn(uuid)
  const there = (name: string | undefined) =>
    !defined.includes(name!) || (active.length > 0 && !active.includes(name!))
  switch (outcome.code) {
    case 'migrated': {
      const target = host(outcome.target.id)
      const problems = there(target)
        ? [`"migrated" to ${target}; it is on ${defined} and alive on ${active}`]
        : []
      const source = host(outcome.source.id)
      // A host that was lost may keep what it had until it is back and cleaned.
      if (source !== target && defined.includes(source!))
        problems.push(`"migrated" and still defined on ${source}`)
      return problems
    }
    case 'still_at_source': {
      const source = host(outcome.source.id)
      return there(source) ? [`"still on ${source}"; it is on ${defined} and alive on ${active}`] : []
    }
    case 'restarted': {
      const target = host(outcome.target.id)
      return running.includes(target!) ? [] : [`"restarted" on ${target}; it is alive on ${active}`]
    }
    case 'power_is': {
      const at = host(outcome.host.id)!
      const is = running.includes(at) ? 'running' : active.includes(at) ? 'paused' : 'off'
      return is === outcome.power ? [] : [`"${outcome.power}" on ${at}; it is ${is}, alive on ${active}`]
    }
    case 'created': {
      const at = host(outcome.host.id)
      return defined.join() === at ? [] : [`"created" on ${at}; it is defined on ${defined}`]
    }
    case 'deleted':
      return defined.length === 0 ? [] : [`"deleted"; it is defined on ${defined}`]
    default:
      return []
  }
}

/** What its outcome claims of a host, and nobody has seen who watched it since the task was accepted. */
function hostLies({ truth, witness, skewMs }: Scene, { host, outcome, createdAt }: Task): string[] {
  const name = host!.name
  const since = createdAt - skewMs()
  // One that had lost its power just before, which nobody knew when the task was accepted, has been down as well.
  const changedAt = Math.max(witness.downAt.get(name) ?? 0, witness.upAt.get(name) ?? 0)
  const wasDown = truth.hosts.get(name)?.on === false || changedAt >= since
  const heard = witness.heardAt(name) >= since
  switch (outcome?.code) {
    case 'powered_on':
      return heard ? [] : [`"powered on"; nothing was heard of ${name} since`]
    case 'host_ready': {
      const { mode } = outcome
      if ((mode === 'asleep' || mode === 'rebooted' || mode === 'proven') && !wasDown)
        return [`"${mode}"; ${name} was never down`]
      return (mode === 'rebooted' || mode === 'proven') && !heard
        ? [`"${mode}"; nothing was heard of ${name} since`]
        : []
    }
    default:
      return []
  }
}
