import { refOf } from '@drover/model'
import type { DiskCopied, DiskInfo, DiskReceiver, Inspection } from '@drover/protocol'
import { dataOf, type Flow, interrupted, maxTries, send, triesOf } from '../../task/flow'
import { hostRef } from '../../world/find'
import { causeOf, doPower, remedies, sawDomain } from '../power'
import { definitionKept } from '../rows'
import { askAgainLater, copiedDisks, type MigrateScene, movedHome, remember, stayed } from './scene'

/** Shuts the guest down, and makes sure: nothing is copied of a disk that is being written. */
export function shutDown(m: MigrateScene): Flow {
  const { scene, vm, source, memo, cancelling } = m
  if (memo.ran === undefined) {
    if (vm.power !== 'running') return { flow: 'next', skipped: true, ...remember({ ran: false }) }
    if (cancelling) return backCold(m, 'it was cancelled')
  }
  const move = doPower(scene, vm, 'vm.shutdown', source.id)
  if ('flow' in move) return { ...move, memo: { ...move.memo, ran: true } }
  if (move.done) return { flow: 'next', events: move.events }
  if (move.error === 'deadline') {
    const waitedMs = scene.now - (scene.task.steps.find(({ name }) => name === 'shut down')?.startedAt ?? 0)
    return { flow: 'finish', state: 'failed', outcome: { code: 'shutdown_ignored', vm: refOf(vm), waitedMs } }
  }
  return { flow: 'finish', ...stayed(m, move.message), events: move.events }
}

/**
 * Disk after disk: how long it is, a receiver on the target, the bytes, and the checksum that makes the copy whole. The
 * source's disk is only read. A line or an agent that breaks in the middle begins that disk anew.
 */
export function copyDisks(m: MigrateScene): Flow {
  const { scene, source, target, memo, cancelling } = m
  const { said } = scene
  const index = memo.disk ?? 0
  const disk = copiedDisks(memo)[index]
  if (!disk) return { flow: 'next' }
  const measure = () => send(source.id, { kind: 'disk.info', path: disk.from })
  if (!said) return cancelling ? backCold(m, 'it was cancelled') : measure()
  if (!said.result.ok) {
    const { error, message } = said.result
    const brief = error === 'interrupted' || error === 'unreachable'
    if (cancelling || !brief || triesOf(scene) >= maxTries) return backCold(m, message)
    // Not at once: the other end may be restarting.
    return {
      flow: 'wait',
      waiting: null,
      untilAt: scene.now + 1_000,
      memo: { tries: triesOf(scene) + 1 },
    }
  }
  if (cancelling) return backCold(m, 'it was cancelled')
  switch (said.body.kind) {
    case 'disk.info': {
      const key = scene.ctx.key()
      const sizeBytes = dataOf<DiskInfo>(said).fileBytes
      return {
        ...send(target.id, { kind: 'disk.receive', targetPath: disk.to, sizeBytes, key }),
        ...remember({ receiver: { port: 0, key } }),
      }
    }
    case 'disk.receive': {
      const { port } = dataOf<DiskReceiver>(said)
      const { key } = memo.receiver!
      const to = { targetAddress: target.address, targetPort: port, key }
      return send(source.id, { kind: 'disk.send', sourcePath: disk.from, ...to })
    }
    case 'disk.send': {
      const { sha256 } = dataOf<DiskCopied>(said)
      return send(target.id, { kind: 'disk.commit', targetPath: disk.to, sha256 })
    }
    default: {
      // Committed: the copy is whole. The key is of no more use, so it does not stay in the row.
      const next = { disk: index + 1, receiver: undefined, tries: 0 }
      if (!copiedDisks(memo)[index + 1]) return { flow: 'next', memo: next }
      return {
        ...send(source.id, { kind: 'disk.info', path: copiedDisks(memo)[index + 1]!.from }),
        memo: next,
      }
    }
  }
}

/** Defines it on the target, from the definition that control keeps. From here on both hosts have one; it runs on neither. */
export function defineAtTarget(m: MigrateScene): Flow {
  const { scene, vm, target, memo, cancelling } = m
  const { said, definition } = scene
  if (said?.result.ok) return { flow: 'next' }
  if (said && !(interrupted(said) && triesOf(scene) < maxTries)) {
    return backCold(m, said.result.ok ? '' : said.result.message)
  }
  if (cancelling) return backCold(m, 'it was cancelled')
  if (!definition) return backCold(m, 'its definition is not known')
  const { format, text, sha256 } = definition
  return send(
    target.id,
    {
      kind: 'vm.define',
      uuid: vm.uuid,
      from: {
        kind: 'definition',
        definition: { format, text, sha256 },
        diskPaths: (memo.disks ?? []).map((disk) => disk.to),
      },
    },
    { memo: { defined: true, tries: triesOf(scene) + (said ? 1 : 0) } },
  )
}

/** The target must have it, and the source must not have started it meanwhile. */
export function confirmCold(m: MigrateScene): Flow {
  const { scene, vm, source, target } = m
  const { said } = scene
  const ask = (hostId: typeof source.id) => send(hostId, { kind: 'vm.inspect', uuid: vm.uuid })
  if (!said) return ask(target.id)
  const asked = said.hostId === target.id ? target : source
  if (!said.result.ok) return interrupted(said) ? ask(asked.id) : askAgainLater(m, asked)
  const { domain, definition } = dataOf<Inspection>(said)
  if (asked === target) {
    if (!domain || !definition) return backCold(m, `${target.name} did not keep its definition`)
    if (domain.state !== 'off') return backCold(m, `${target.name} says that it is ${domain.state} there`)
    return { ...ask(source.id), events: definitionKept(vm, scene.definition, definition, causeOf(scene)) }
  }
  if (domain && domain.state !== 'off' && domain.state !== 'crashed')
    return backCold(m, `somebody started it on ${source.name} meanwhile`)
  return { flow: 'next' }
}

/**
 * The point of no return: once the source has no definition, nothing can start it there, so its home is the target. A
 * source that will not let go (it was started there) keeps it.
 */
export function undefineAtSource(m: MigrateScene): Flow {
  const { scene, vm, source } = m
  const { said } = scene
  const uuid = vm.uuid
  if (!said || interrupted(said))
    return said?.body.kind === 'vm.inspect'
      ? send(source.id, { kind: 'vm.inspect', uuid })
      : send(source.id, { kind: 'vm.undefine', uuid })
  if (said.body.kind === 'vm.undefine' && said.result.ok) return { flow: 'next', events: movedHome(m, 'off') }
  if (said.body.kind === 'vm.undefine') {
    const failure = said.result.ok ? '' : said.result.message
    return { ...send(source.id, { kind: 'vm.inspect', uuid }), ...remember({ failure }) }
  }
  if (!said.result.ok) return askAgainLater(m, source)
  if (dataOf<Inspection>(said).domain === null) return { flow: 'next', events: movedHome(m, 'off') }
  return backCold(m, m.memo.failure ?? 'its definition could not be removed')
}

/** Starts it where its home is now: on the target, or on the source again when the migration came to nothing. */
export function startAgain(m: MigrateScene): Flow {
  const { scene, vm, memo } = m
  if (!memo.ran) return { flow: 'next', skipped: true }
  if (!scene.said && vm.power === 'running') return { flow: 'next' }
  const move = doPower(scene, vm, 'vm.start', vm.hostId)
  if ('flow' in move) return move
  if (move.done) return { flow: 'next', events: move.events }
  const host = hostRef(scene.world, vm.hostId)
  const remedy = remedies[move.error] ?? null
  const what = memo.end
    ? 'start (after a migration that came to nothing)'
    : 'start (after its disks had moved)'
  const outcome = { code: 'command_failed', what, vm: refOf(vm), host, cause: move.message, remedy } as const
  if (!memo.end) return { flow: 'finish', state: 'failed', outcome, events: move.events }
  return { flow: 'next', events: move.events, ...remember({ end: { state: 'failed', outcome } }) }
}

/** Back to how it was. The guest comes first: the source's disks are whole, whatever there is on the target. */
function backCold(m: MigrateScene, cause: string): Flow {
  const { source, target, memo } = m
  const end = stayed(m, cause)
  const events =
    m.scene.said?.body.kind === 'vm.inspect' && m.scene.said.hostId === source.id && m.scene.said.result.ok
      ? sawDomain(m.scene, m.vm, source.id, m.scene.said).events
      : []
  const to = [
    ...(memo.ran ? [{ name: 'start' as const, hostId: source.id }] : []),
    ...(memo.defined || copiedDisks(memo).length > 0
      ? [{ name: 'clean up' as const, hostId: target.id }]
      : []),
  ]
  if (to.length === 0) return { flow: 'finish', ...end, events }
  return { flow: 'turn', to, events, ...remember({ end }) }
}
