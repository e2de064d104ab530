import {
  type Clock,
  type Hypervisor,
  HypervisorError,
  type OperationControl,
  sleep,
} from '@drover/hypervisor'
import type { CommandBody } from '@drover/protocol'

/** How often a guest that may not have listened yet is asked again to shut down. */
const askAgainMs = 10_000
const lookMs = 300

/** Does what one command says; resolves with the data of its result. Throws `HypervisorError`. */
export async function execute(
  body: CommandBody,
  { hypervisor, clock }: { hypervisor: Hypervisor; clock: Clock },
  control: OperationControl & { signal: AbortSignal },
): Promise<unknown> {
  switch (body.kind) {
    case 'vm.inspect': {
      const [domain, definition] = await Promise.all([
        hypervisor.domain(body.uuid, true),
        hypervisor.definition(body.uuid),
      ])
      return { domain, definition }
    }
    case 'vm.define':
      return hypervisor.define(body.uuid, body.from.kind === 'spec' ? { spec: body.from.spec } : body.from)
    case 'vm.change':
      return hypervisor.change(body.uuid, body)
    case 'vm.undefine':
      return done(hypervisor.undefine(body.uuid))
    case 'vm.start':
      return done(hypervisor.start(body.uuid))
    case 'vm.shutdown':
      return done(shutDown(body, hypervisor, clock, control.signal))
    case 'vm.stop':
      return done(hypervisor.stop(body.uuid))
    case 'vm.reboot':
      return done(unlessStopped(hypervisor.reboot(body.uuid, body.deadlineMs), control.signal))
    case 'vm.reset':
      return done(hypervisor.reset(body.uuid))
    case 'host.shutdown':
      // The runner does it, once control has the answer.
      return null
    case 'vm.suspend':
      return done(hypervisor.suspend(body.uuid))
    case 'vm.resume':
      return done(hypervisor.resume(body.uuid))
    case 'vm.migrate':
      return hypervisor.migrate(body, control)
    case 'disk.clone':
      return hypervisor.cloneDisk(body.sourcePath, body.targetPath, body.format, body.sizeBytes, control)
    case 'disk.receive':
      return hypervisor.receiveDisk(body.targetPath, body.sizeBytes, body.key)
    case 'disk.send':
      return hypervisor.sendDisk(
        body.sourcePath,
        { address: body.targetAddress, port: body.targetPort, key: body.key },
        control,
      )
    case 'disk.commit':
      return done(hypervisor.commitDisk(body.targetPath, body.sha256))
    case 'disk.create':
      return done(hypervisor.createDisk(body.targetPath, body.format, body.sizeBytes))
    case 'disk.delete':
      return done(hypervisor.deleteDisks(body.paths))
    case 'disk.info':
      return hypervisor.diskInfo(body.path)
    default:
      return unknownKind(body)
  }
}

/** Asks, and waits for the guest to be off; leaves it running when it is not by the deadline. */
async function shutDown(
  { uuid, deadlineMs }: { uuid: string; deadlineMs: number },
  hypervisor: Hypervisor,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = clock.now()
  let askedAt: number | null = null
  for (;;) {
    const domain = await hypervisor.domain(uuid)
    // A transient VM vanishes as it stops.
    if (!domain && askedAt !== null) return
    if (!domain) throw new HypervisorError('not_found', `There is no VM ${uuid} on this host.`)
    if (domain.state === 'off' || domain.state === 'crashed') return
    const now = clock.now()
    if (signal.aborted) throw stopped()
    if (now - startedAt >= deadlineMs) {
      const waited = `${domain.name} did not shut down within ${Math.round(deadlineMs / 1000)} s`
      throw new HypervisorError('deadline', `${waited} and runs on.`)
    }
    if (domain.state === 'running' && (askedAt === null || now - askedAt >= askAgainMs)) {
      await hypervisor.requestShutdown(uuid).catch((error: unknown) => {
        // It may have gone off between the look and the request, or be too busy to be asked: the next look says so.
        const code = error instanceof HypervisorError ? error.code : 'failed'
        if (askedAt === null && !['invalid_state', 'busy', 'deadline'].includes(code)) throw error
      })
      askedAt = clock.now()
    }
    await sleep(clock, lookMs)
  }
}

async function done(promise: Promise<unknown>): Promise<null> {
  await promise
  return null
}

function unlessStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(stopped())
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function stopped(): HypervisorError {
  return new HypervisorError('aborted', 'It was called off; the guest may still do what it was asked.')
}

function unknownKind(body: never): never {
  throw new HypervisorError('unsupported', `This agent does not know ${JSON.stringify(body)}.`)
}
