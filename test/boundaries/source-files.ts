import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export interface SourceFile {
  /** From the root: `services/ingest/src/main.ts`. */
  readonly path: string
  /** The two first folders: `services/ingest`. */
  readonly workspace: string
  readonly isTest: boolean
  readonly lines: number
  /** Without comments. */
  readonly code: string
  /** What it imports or re-exports, as written. */
  readonly imports: readonly string[]
}

/** The sources of our packages, services and the local stack. */
export function sourceFiles(): SourceFile[] {
  return globSync('{packages,services,deploy}/*/{src,test}/**/*.ts', { cwd: root, exclude: ['**/node_modules'] })
    .toSorted()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      const code = withoutComments(text)
      return {
        path,
        workspace: path.split('/').slice(0, 2).join('/'),
        isTest: path.endsWith('.test.ts') || path.split('/')[2] === 'test',
        lines: text.split('\n').length - 1,
        code,
        imports: [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, name = '']) => name),
      }
    })
}

/** Good enough for our own sources: strings are kept, so that `//` in a URL is not taken for a comment. */
function withoutComments(text: string): string {
  return text.replace(/('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '$1')
}
