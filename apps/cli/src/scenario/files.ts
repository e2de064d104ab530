import { accessSync, constants, mkdirSync, readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { CliError, exitCodes } from '../exit'

/** Directories stand for the JSON files in them. Two files of one name would overwrite each other's trace. */
export function filesOf(given: string[]): string[] {
  const files = given.flatMap((path) => {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path]
    return readdirSync(path)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => join(path, name))
  })
  const names = files.map((file) => basename(file))
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice)
    throw new CliError(exitCodes.usage, `There are two files named ${twice}. Rename one, or run them apart.`)
  if (files.length === 0)
    throw new CliError(exitCodes.usage, 'There is no scenario there: no file ends with .json.')
  return files
}

/** Makes a directory that can be written to, or says why not before anything is run. */
export function makeDir(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
    accessSync(path, constants.W_OK)
  } catch (error) {
    const { message } = error as Error
    throw new CliError(
      exitCodes.usage,
      `Traces cannot be written to ${path}: ${message}. Name a directory that may be written to.`,
    )
  }
}

/** What is written has the names of what is read: in the same directory it would take its place. */
export function checkApart(
  files: readonly string[],
  { traceDir, report }: { traceDir?: string; report?: string },
): void {
  const read = new Set(files.map((file) => resolve(file)))
  const written = traceDir ? files.map((file) => resolve(traceDir, basename(file))) : []
  const lost = [...written, ...(report ? [resolve(report)] : [])].find((file) => read.has(file))
  if (lost !== undefined)
    throw new CliError(exitCodes.usage, `${lost} is a scenario and would be overwritten. Write elsewhere.`)
}
