import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')

describe('what is published', () => {
  const read = (name: string): string => readFileSync(join(root, name), 'utf8')
  let built: string[] = []
  beforeAll(async () => {
    // Without Node's types and with the Web's, so this fails for anything that only Node has.
    await run(join(root, '../../node_modules/.bin/tsc'), ['-p', join(root, 'tsconfig.build.json')])
    built = globSync('dist/**/*.js', { cwd: root })
  }, 60_000)

  test('is plain ES modules with declarations, which import only each other', () => {
    expect(built.length).toBeGreaterThan(10)
    for (const name of built) {
      const imports = [...read(name).matchAll(/\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(|\brequire\s*\(/g)]
      for (const [found, path = found] of imports) expect(path, name).toMatch(/^\.{1,2}\/[a-z/-]+\.js$/)
      expect(read(name.replace(/\.js$/, '.d.ts')), name).not.toMatch(/\bfrom ['"](?!\.)|\breference types/)
    }
  })

  test('uses nothing of Node', () => {
    for (const name of built) {
      const code = read(name).replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'[^'\n]*'/g, '')
      expect(code, name).not.toMatch(/\b(Buffer|process|global|__dirname|__filename|setImmediate)\b|node:/)
    }
  })

  test('has no dependencies', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, object>
    expect(Object.keys(manifest).filter((name) => /dependencies/i.test(name))).toEqual(['devDependencies'])
  })

  test('verifies every vector in a process that has no Node globals', async () => {
    const strip = ['Buffer', 'process', 'global', 'setImmediate'].map((name) => `delete globalThis.${name}`).join(';')
    const args = ['--import', `data:text/javascript,${strip}`, join(root, 'vectors/run-vectors.js')]
    const { stdout } = await run(process.execPath, args)
    expect(stdout).toMatch(/^\d{3} vectors are right$/m)
  }, 30_000)
})
