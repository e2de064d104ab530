import { fileURLToPath } from 'node:url'

/** The lab's own directory in the source tree: the guest's C and PID 1 of a host are there. */
export const labSource = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** What is prepared once and kept: kernel, guest image, QEMU's capabilities. */
export const cacheDir = fileURLToPath(new URL('../../.lab/cache', import.meta.url))

/** Where labs live that were given no directory. */
export const labsDir = fileURLToPath(new URL('../../.lab/labs', import.meta.url))

/** What runs at the moment: small, and short in name, because socket paths are limited to 107 characters. */
export const runRoot = '/run/drover-lab'
