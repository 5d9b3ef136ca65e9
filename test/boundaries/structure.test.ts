import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sourceFiles, type SourceFile } from './source-files.ts'

const files = sourceFiles()
const shipped = files.filter(({ isTest, workspace }) => !isTest && !workspace.startsWith('deploy/'))

const isService = (workspace: string): boolean => workspace.startsWith('services/')
const isPackage = (workspace: string): boolean => workspace.startsWith('packages/')

const byName = new Map([...new Set(files.map(({ workspace }) => workspace))].map((path) => [path.split('/')[1], path]))

/** The workspaces of ours that a file imports from, other than its own, by package name or by path. */
function importedWorkspaces(file: SourceFile): string[] {
  return file.imports.flatMap((name) => {
    if (name.startsWith('@jethook/')) return byName.get(name.split('/')[1]) ?? []
    if (!name.startsWith('.')) return []
    const workspace = join(dirname(file.path), name).split('/').slice(0, 2).join('/')
    return workspace === file.workspace ? [] : workspace
  })
}

function offenders(isWrong: (file: SourceFile, imported: string) => boolean): string[] {
  return files.flatMap((file) =>
    importedWorkspaces(file)
      .filter((imported) => isWrong(file, imported))
      .map((imported) => `${file.path} imports ${imported}`),
  )
}

/** launch.ts asks whether there is an OTLP endpoint before anything else is imported; telemetry.ts hands the OpenTelemetry SDK its standard variables, which is the only way to set it up. */
const readsEnvironment = (path: string): boolean =>
  path.endsWith('/config.ts') || /^packages\/runtime\/src\/(launch|telemetry)\.ts$/.test(path)

const paths = (found: readonly SourceFile[]): string[] => found.map(({ path }) => path)

describe('what may import what', () => {
  test('services never import each other: between them there are only streams', () => {
    expect(offenders((file, imported) => isService(file.workspace) && isService(imported))).toEqual([])
  })

  test('packages import packages only; their tests may take infrastructure', () => {
    const mayNot = (file: SourceFile, imported: string): boolean =>
      isPackage(file.workspace) && !isPackage(imported) && !(file.isTest && imported === 'test/infrastructure')
    expect(offenders(mayNot)).toEqual([])
  })

  test('contracts imports nothing of ours', () => {
    expect(offenders((file) => file.workspace === 'packages/contracts')).toEqual([])
  })

  test('a workspace is imported by its name, never by a path into it; tests may take their infrastructure by path', () => {
    const byPath = files.filter((file) =>
      file.imports
        .filter((name) => name.startsWith('.'))
        .map((name) => join(dirname(file.path), name))
        .some(
          (path) => !path.startsWith(`${file.workspace}/`) && !(file.isTest && path.startsWith('test/infrastructure/')),
        ),
    )
    expect(paths(byPath)).toEqual([])
  })

  test('packages have no cycles among them', () => {
    const uses = new Map<string, Set<string>>()
    for (const file of files.filter(({ workspace }) => isPackage(workspace))) {
      const known = uses.get(file.workspace) ?? new Set()
      uses.set(file.workspace, known.union(new Set(importedWorkspaces(file))))
    }
    // What is left after taking away, again and again, all that use nothing that is left, goes in circles.
    let left = [...uses.keys()]
    let before: number
    do {
      before = left.length
      left = left.filter((workspace) => [...(uses.get(workspace) ?? [])].some((used) => left.includes(used)))
    } while (left.length < before)
    expect(left).toEqual([])
  })
})

describe('one place for each thing', () => {
  test('only config.ts knows about the environment', () => {
    const found = shipped.filter(({ path, code }) => /\bprocess\.env\b/.test(code) && !readsEnvironment(path))
    expect(paths(found)).toEqual([])
  })

  test('subjects come from contracts', () => {
    const subject = /['"`](intake|events|deliveries|attempts|config|rejected|operations)\.(\$\{|[*>]|['"`])/
    const found = shipped.filter(({ workspace, code }) => workspace !== 'packages/contracts' && subject.test(code))
    expect(paths(found)).toEqual([])
  })

  test('a consumer decides about a message in one file: ack, nak and term stand nowhere else in its folder', () => {
    const deciding = shipped.filter(({ code }) => /\.(ack|ackAck|nak|term)\(/.test(code))
    const folders = Map.groupBy(deciding, ({ path }) => dirname(path))
    const several = [...folders.values()].filter((found) => found.length > 1)
    expect(several.map(paths)).toEqual([])
  })
})

describe('style that keeps a tree readable', () => {
  test('what a file exports is listed by name', () => {
    expect(paths(files.filter(({ code }) => /\bexport\s+\*/.test(code)))).toEqual([])
  })

  test('nothing is typed any', () => {
    expect(paths(files.filter(({ code }) => /(:|\bas|<|,)\s*any\b\s*([,;)>\]=|&[]|$)/m.test(code)))).toEqual([])
  })

  test('files stay short', () => {
    const lengths = files.map(({ lines }) => lines).toSorted((a, b) => a - b)
    const quantile = (q: number): number => lengths[Math.min(lengths.length - 1, Math.floor(q * lengths.length))] ?? 0
    const long = files.filter(({ lines }) => lines > 300)
    console.log(
      `${files.length} files; lines: median ${quantile(0.5)}, 90th percentile ${quantile(0.9)}, longest ${quantile(1)}` +
        long.map(({ path, lines }) => `\n  ${path}: ${lines}`).join(''),
    )
    expect(quantile(0.5)).toBeLessThan(80)
    expect(quantile(0.9)).toBeLessThan(240)
  })
})
