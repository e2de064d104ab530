import { type ChangeEvent, refOf, type Vm } from '@drover/model'
import type { Inspection, MigrationReport } from '@drover/protocol'
import { dataOf, type Flow, interrupted, maxTries, send, triesOf } from '../../task/flow'
import { afterEvents, put } from '../../world/rows'
import { causeOf, sawDomain } from '../power'
import { definitionKept } from '../rows'
import {
  askAgainLater,
  copiedDisks,
  type MigrateScene,
  movedHome,
  remember,
  type Seen,
  stayed,
} from './scene'

/** Seconds of two hosts contradicting each other, after which a person has to look. */
const patience = 60

/** Empty disks on the target, for the hypervisor to fill while the guest runs. */
export function prepareDisks(m: MigrateScene): Flow {
  const { scene, target, memo, cancelling } = m
  const { said } = scene
  const copies = copiedDisks(memo)
  if (cancelling && !said) return backLive(m, 'it was cancelled')
  if (said && !said.result.ok && !(interrupted(said) && triesOf(scene) < maxTries))
    return backLive(m, said.result.message)
  const done = said?.result.ok ? (memo.disk ?? 0) + 1 : (memo.disk ?? 0)
  const next = copies[done]
  if (!next) return { flow: 'next', ...remember({ disk: 0 }) }
  const { to: targetPath, format, sizeBytes } = next
  return {
    ...send(target.id, { kind: 'disk.create', targetPath, format, sizeBytes }),
    memo: { disk: done, tries: triesOf(scene) + (said && !said.result.ok ? 1 : 0) },
  }
}

/** The move itself. However the agent says it ended, the next step asks both hosts what is true. */
export function migrateLive(m: MigrateScene): Flow {
  const { scene, vm, source, target, memo, cancelling } = m
  const { said, task } = scene
  if (!said) {
    if (cancelling) return backLive(m, 'it was cancelled')
    // Its hypervisor may be back before its agent is, and what arrives there now no proof of death would cover.
    if (target.state === 'fenced') return backLive(m, `${target.name} is proven off`)
    const { options } = task.params
    return send(source.id, {
      kind: 'vm.migrate',
      uuid: vm.uuid,
      targetAddress: target.address,
      disks: copiedDisks(memo).map(({ from, to }) => ({ sourcePath: from, targetPath: to })),
      bandwidthBytesPerSecond: options.bandwidthBytesPerSecond,
      downtimeMs: options.downtimeMs,
      autoConverge: options.autoConverge,
      postCopy: options.postCopy,
      deadlineMs: options.deadlineMs,
    })
  }
  const answeredAt = scene.now
  if (!said.result.ok) return { flow: 'next', ...remember({ failure: said.result.message, answeredAt }) }
  const report = dataOf<MigrationReport>(said)
  const progress = { downtimeMs: report.downtimeMs, ...(report.bytes ? { doneBytes: report.bytes } : {}) }
  return { flow: 'next', progress, ...remember({ report, answeredAt }) }
}

/**
 * Asks the target, then the source, and decides by what they say. Only two answers settle it: it runs there and not
 * here, or here and not there. Anything else (a switch-over under way, a host that cannot say) is asked again.
 */
export function confirmLive(m: MigrateScene): Flow {
  const { scene, vm, source, target, memo } = m
  const { said } = scene
  const uuid = vm.uuid
  if (!said) return send(target.id, { kind: 'vm.inspect', uuid })
  if (said.body.kind === 'vm.undefine') {
    // A definition that cannot be removed does no harm: the VM's disk is locked by the running one.
    return interrupted(said) ? send(source.id, { kind: 'vm.undefine', uuid }) : { flow: 'next' }
  }
  if (!said.result.ok) {
    const asked = said.hostId === target.id ? target : source
    return interrupted(said) ? send(asked.id, { kind: 'vm.inspect', uuid }) : askAgainLater(m, asked)
  }
  const inspection = dataOf<Inspection>(said)
  const { domain } = inspection
  const seen: Seen = domain && { state: domain.state, job: domain.job, reason: domain.reason }
  if (said.hostId === target.id) {
    const kept = inspection.definition
      ? definitionKept(vm, scene.definition, inspection.definition, causeOf(scene))
      : []
    const events = runs(seen) ? kept : []
    // The source has said itself that it let go: if it cannot be heard now, that word is enough.
    if (runs(seen) && memo.report && source.state !== 'connected')
      return { flow: 'next', events: [...events, ...movedHome(m, powerOf(seen))] }
    return {
      ...send(source.id, { kind: 'vm.inspect', uuid }),
      ...remember({ atTarget: seen }),
      events,
    }
  }
  const atTarget = memo.atTarget ?? null
  if (runs(atTarget) && !runs(seen)) {
    const events = movedHome(m, powerOf(atTarget))
    return seen ? { ...send(source.id, { kind: 'vm.undefine', uuid }), events } : { flow: 'next', events }
  }
  if (runs(seen) && !runs(atTarget) && atTarget?.state !== 'incoming' && seen?.job !== 'migration-out')
    return { ...backLive(m, memo.failure ?? 'the migration was given up'), events: [] }
  if (runs(seen) || runs(atTarget) || atTarget?.state === 'incoming') {
    const tries = triesOf(scene) + 1
    if (tries > patience && runs(seen) && runs(atTarget))
      return { flow: 'finish', ...stayed(m, `both hosts say that they run it`) }
    return { flow: 'wait', waiting: null, untilAt: scene.now + 1_000, memo: { tries } }
  }
  return endedMeanwhile(m, seen, atTarget)
}

/** It runs nowhere: the guest went off or its process died on the way. Its home is where its definition is. */
function endedMeanwhile(m: MigrateScene, atSource: Seen, atTarget: Seen): Flow {
  const { scene, vm, source, target, memo } = m
  // It may have arrived at a host that was proven dead before and has come back: that proof says nothing of it.
  if (atSource === null && target.state === 'fenced' && (target.proof?.at ?? 0) <= (memo.answeredAt ?? 0))
    return askAgainLater(m, target)
  // A host that was sent a VM with its disks has it defined only when it has taken over: its copy is the newer one.
  const tookOver = copiedDisks(memo).length > 0 && atSource?.state !== 'crashed'
  if (atTarget !== null && (atSource === null || tookOver)) {
    const moved = movedHome(m, atTarget.state === 'crashed' ? 'crashed' : 'off')
    if (atSource === null) return { flow: 'next', events: moved }
    return { ...send(source.id, { kind: 'vm.undefine', uuid: vm.uuid }), events: moved }
  }
  const { events } = sawDomain(scene, vm, source.id, scene.said!)
  if (atSource === null)
    return { flow: 'finish', state: 'failed', outcome: { code: 'gone', vm: refOf(vm) }, events }
  // What the target has of it is old then: it was there, and its process ended with its host.
  const stale = atTarget !== null && !vm.staleOn?.includes(target.id)
  const row: Vm = afterEvents(events, 'vm', vm.id, vm) ?? vm
  const noted: ChangeEvent = {
    body: { kind: 'vm.changed', vm: refOf(vm), fields: ['old definitions'], outside: false },
    initiator: scene.task.initiator,
    taskId: scene.task.id,
    rows: [put('vm', { ...row, staleOn: [...(row.staleOn ?? []), target.id] })],
  }
  const all = stale ? [...events, noted] : events
  return { ...backLive(m, memo.failure ?? `it went ${atSource.state} on the way`), events: all }
}

/** Back to how it was: the VM runs on the source; what was prepared on the target is removed. */
function backLive(m: MigrateScene, cause: string): Flow {
  const end = stayed(m, cause)
  if (copiedDisks(m.memo).length === 0) return { flow: 'finish', ...end }
  return { flow: 'turn', to: [{ name: 'clean up', hostId: m.target.id }], ...remember({ end }) }
}

function runs(seen: Seen | undefined): boolean {
  return seen?.state === 'running' || seen?.state === 'paused'
}

function powerOf(seen: Seen): 'running' | 'paused' {
  return seen?.state === 'paused' ? 'paused' : 'running'
}
