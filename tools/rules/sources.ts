import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

export interface Import {
  specifier: string
  typeOnly: boolean
}

/** All files of the tree that git tracks or would track, by path from the root. */
export function treeFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  })
  return [...new Set(listed.toString().split('\n'))].filter((path) => path && existsSync(join(root, path)))
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

/** The imports and re-exports of a source file. */
export function importsOf(source: string): Import[] {
  return [...source.matchAll(importPattern)].map((match) => ({
    specifier: (match[2] ?? match[3])!,
    typeOnly: Boolean(match[1]),
  }))
}

/** `packages/model/src/id.ts` → `packages/model`; null for files outside of the workspaces. */
export function workspaceOf(path: string): string | null {
  const match = /^((?:apps|packages)\/[^/]+|e2e|lab|tools)\//.exec(path)
  return match?.[1] ?? null
}

/** The package that a specifier names: `@scope/name/x` → `@scope/name`; null for relative and built-in ones. */
export function packageOf(specifier: string): string | null {
  if (specifier.startsWith('.') || specifier.startsWith('@/') || specifier.startsWith('node:')) return null
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!
}
