import { ConnectionClosedError, DeadlineError, type ErrorCodeName, isLibvirtError } from '@drover/libvirt'
import type { CommandError } from '@drover/model'
import { HypervisorError } from '../port'

/** What QEMU says in its own words, where libvirt only says that it failed. First match wins. */
const phrases: [RegExp, CommandError][] = [
  [
    /get "?(write|shared|consistent read)"? ?("write" )?lock|is another process using the image/i,
    'disk_locked',
  ],
  [/cannot allocate memory|cannot set up guest memory/i, 'no_memory'],
  [/no space left/i, 'no_space'],
  [
    /unable to connect|connection refused|no route to host|connection (reset|timed out)|keepalive|end of file while reading/i,
    'unreachable',
  ],
  [/client socket is closed|cannot recv data|connect to server/i, 'unreachable'],
  [/already exists with uuid|domain already exists|already exists on/i, 'already_exists'],
  [/canceled by client|operation aborted/i, 'aborted'],
]

const codes: Partial<Record<ErrorCodeName, CommandError>> = {
  no_domain: 'not_found',
  dom_exist: 'already_exists',
  operation_invalid: 'invalid_state',
  operation_aborted: 'aborted',
  operation_timeout: 'busy',
  resource_busy: 'busy',
  no_memory: 'no_memory',
  no_connect: 'unreachable',
  config_unsupported: 'unsupported',
  operation_unsupported: 'unsupported',
  argument_unsupported: 'unsupported',
  no_support: 'unsupported',
}

/** Any failure as one of ours, with libvirt's sentence kept. */
export function toHypervisorError(error: unknown): HypervisorError {
  if (error instanceof HypervisorError) return error
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof DeadlineError) return new HypervisorError('deadline', `${message}.`)
  if (error instanceof ConnectionClosedError) {
    return new HypervisorError('unreachable', `libvirt cannot be reached: ${message}.`)
  }
  const phrase = phrases.find(([pattern]) => pattern.test(message))
  if (phrase?.[1] === 'disk_locked') return new HypervisorError('disk_locked', sayLocked(message))
  if (phrase) return new HypervisorError(phrase[1], message)
  const code = isLibvirtError(error) && error.codeName !== 'unknown' ? codes[error.codeName] : undefined
  return new HypervisorError(code ?? 'failed', message)
}

function sayLocked(message: string): string {
  const [, path] = /using the image \[([^\]]+)\]/.exec(message) ?? []
  return `${path ?? 'A disk of this VM'} is open in another QEMU, here or on another host, and is not opened twice. Find where it runs and stop it there. (${message.trim().split('\n').at(-1)})`
}
