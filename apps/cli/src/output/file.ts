import { accessSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CliError, exitCodes } from '../exit'

/** Whether a file can be written there, as far as can be told before it is: better said before a minute of work than after. */
export function checkWritable(path: string): void {
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) throw new Error('it is a directory')
    accessSync(found ? path : dirname(path), constants.W_OK)
  } catch (error) {
    throw unwritable(path, error)
  }
}

/** Writes a file as a whole or not at all: who reads it meanwhile, or after a crash, finds the old one or the new one. */
export function writeWhole(path: string, text: string): void {
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    // A pipe or a device is written to, not replaced.
    if (found && !found.isFile()) {
      writeFileSync(path, text)
      return
    }
    const target = found ? realpathSync(path) : path
    const part = `${target}.${process.pid}.part`
    try {
      writeFileSync(part, text)
      renameSync(part, target)
    } finally {
      rmSync(part, { force: true })
    }
  } catch (error) {
    throw unwritable(path, error)
  }
}

function unwritable(path: string, error: unknown): CliError {
  const { message } = error as Error
  return new CliError(
    exitCodes.usage,
    `${path} cannot be written: ${message}. Name a file in a folder that is there and may be written to.`,
  )
}
