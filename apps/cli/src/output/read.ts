import { readFileSync } from 'node:fs'
import { CliError, exitCodes } from '../exit'

/** The bytes of a file that the user named. Throws a sentence with the path and the remedy. */
export function contentsOf(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'you may not read it' }
    const said = why[code as keyof typeof why] ?? message
    throw new CliError(exitCodes.usage, `${path} cannot be read: ${said}. Name a file that can be.`)
  }
}

/** The same as text, without a byte order mark. */
export function textOf(path: string): string {
  return new TextDecoder().decode(contentsOf(path))
}
