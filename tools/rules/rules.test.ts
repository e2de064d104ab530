import { describe, expect, it } from 'vitest'
import { layers, pure, typesOnly } from './layers'
import { importsOf, packageOf, read, treeFiles, workspaceOf } from './sources'

const files = treeFiles()
const sources = files.filter((path) => /\.tsx?$/.test(path) && workspaceOf(path) !== null)
const isTest = (path: string): boolean => /\.(test|spec|config)\.tsx?$|\/(contract|testing)[/.]/.test(path)

interface Manifest {
  name: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}
const manifests = new Map<string, Manifest>()
for (const path of files.filter((file) => /^(.+\/)?package\.json$/.test(file) && file !== 'package.json')) {
  manifests.set(path.replace('/package.json', ''), JSON.parse(read(path)))
}
const rootManifest: Manifest = JSON.parse(read('package.json'))

function findings(check: (path: string, source: string) => string[]): string[] {
  return sources.flatMap((path) => check(path, read(path)).map((problem) => `${path}: ${problem}`))
}

describe('the house', () => {
  it('has sources to read', () => {
    expect(sources.length).toBeGreaterThan(50)
    expect(
      importsOf("import { a } from './a'\nimport type { B } from '@drover/model'\nexport * from 'c'"),
    ).toEqual([
      { specifier: './a', typeOnly: false },
      { specifier: '@drover/model', typeOnly: true },
      { specifier: 'c', typeOnly: false },
    ])
  })

  it('keeps its layers: a package imports only what the table allows', () => {
    expect(
      findings((path, source) => {
        const workspace = workspaceOf(path)!
        const own = manifests.get(workspace)?.name.replace('@drover/', '')
        const allowed = own === undefined ? undefined : layers[own]
        if (['e2e', 'lab', 'tools'].includes(workspace)) return []
        if (!own || !allowed) return [`the package ${workspace} is not in the table of layers`]
        return importsOf(source).flatMap(({ specifier, typeOnly }) => {
          const target = packageOf(specifier)?.match(/^@drover\/(.+)$/)?.[1]
          if (!target || target === own) return []
          if (!allowed.includes(target) && !isTest(path)) return [`${own} must not import ${target}`]
          if (typesOnly[own]?.includes(target) && !typeOnly && !isTest(path))
            return [`only types of ${target} here`]
          return []
        })
      }),
    ).toEqual([])
  })

  it('imports only what the package itself declares', () => {
    expect(
      findings((path, source) => {
        const manifest = manifests.get(workspaceOf(path)!)
        const declared = {
          ...manifest?.dependencies,
          ...manifest?.optionalDependencies,
          ...manifest?.devDependencies,
        }
        const shared =
          isTest(path) || ['e2e', 'lab', 'tools'].includes(workspaceOf(path)!)
            ? rootManifest.devDependencies
            : {}
        return importsOf(source).flatMap(({ specifier }) => {
          const name = packageOf(specifier)
          if (!name || name === manifest?.name || name in declared || name in (shared ?? {})) return []
          return [`imports ${name}, which ${workspaceOf(path)}/package.json does not declare`]
        })
      }),
    ).toEqual([])
  })

  it('has no clock, randomness or environment in the pure packages', () => {
    const forbidden =
      /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|performance\.|process\.|fetch\()/
    expect(
      findings((path, source) => {
        if (isTest(path) || !pure.some((name) => path.startsWith(`packages/${name}/`))) return []
        const found = forbidden.exec(source)
        return found ? [`names ${found[0]}`] : []
      }),
    ).toEqual([])
  })

  it('reads the clock only through ports where the simulation has to drive it', () => {
    const forbidden = /\b(Date\.now|new Date\(\)|Math\.random|setTimeout\(|setInterval\(|performance\.now)/
    const driven = [
      'packages/control/',
      'packages/agent/',
      'packages/hypervisor/src/simulated/',
      'packages/store/src/memory/',
    ]
    expect(
      findings((path, source) => {
        if (isTest(path) || !driven.some((folder) => path.startsWith(folder))) return []
        const found = forbidden.exec(source)
        return found ? [`names ${found[0]}`] : []
      }),
    ).toEqual([])
  })

  it('pins every dependency to one exact version', () => {
    const loose = [...manifests, ['.', rootManifest] as const].flatMap(([path, manifest]) =>
      Object.entries({
        ...manifest.dependencies,
        ...manifest.devDependencies,
        ...manifest.optionalDependencies,
      })
        .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
        .map(([name, version]) => `${path}: ${name} ${version}`),
    )
    expect(loose).toEqual([])
  })

  it('keeps download addresses out of the lock file', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved": "https?:/)
  })

  it('leaves no unfinished marks, focused tests or waits by the clock', () => {
    const marks = new RegExp(
      `\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')})\\b|\\b(it|test|describe)\\.only\\b|waitForTimeout`,
    )
    expect(
      findings((path, source) => {
        const found = path.startsWith('tools/rules/') ? null : marks.exec(source)
        return found ? [`says ${found[0]}`] : []
      }),
    ).toEqual([])
  })

  it('keeps files to a few screens', () => {
    expect(
      findings((_path, source) => {
        const lines = source.split('\n').length
        return lines > 500 ? [`${lines} lines; cut it where it has two subjects`] : []
      }),
    ).toEqual([])
  })
})
