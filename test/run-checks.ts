import { spawn, type StdioOptions } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** Everything that must hold before a change goes in: format, lint, types, and all tests. Arguments go to vitest. */
const root = join(import.meta.dirname, '..')
const checks = [
  { name: 'format', command: ['oxfmt', '--check'], remedy: 'node_modules/.bin/oxfmt' },
  { name: 'lint', command: ['oxlint'], remedy: 'node_modules/.bin/oxlint --fix' },
  { name: 'types', command: ['tsc', '--build', '--pretty'], remedy: undefined },
]

const running = new Set<ReturnType<typeof spawn>>()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) process.on(signal, stop)

const results = await Promise.all(checks.map(({ command }) => run(command, ['ignore', 'pipe', 'pipe'])))
results.forEach((result, index) => {
  const { name, remedy } = checks[index] ?? { name: '', remedy: undefined }
  if (result.code === 0) return console.log(`✓ ${name}`)
  console.log(`✗ ${name}${remedy === undefined ? '' : ` (try ${remedy})`}\n${result.output}`)
})
const failedChecks = results.filter(({ code }) => code !== 0).length
const tests = await run(['vitest', 'run', ...process.argv.slice(2)], 'inherit', { FAILED_CHECKS: String(failedChecks) })
process.exit(failedChecks > 0 ? 1 : tests.code)

async function run(
  [program = '', ...args]: readonly string[],
  stdio: StdioOptions,
  env: Record<string, string> = {},
): Promise<{ code: number; output: string }> {
  // The project's own Node stands first on the PATH, for the programs' first lines.
  const child = spawn(join(root, 'node_modules/.bin', program), args, {
    cwd: root,
    stdio,
    env: { ...process.env, ...env },
  })
  running.add(child)
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 1)))
  const [code, ...output] = await Promise.all([
    ended,
    ...[child.stdout, child.stderr].map((stream) => (stream === null ? '' : text(stream))),
  ])
  running.delete(child)
  return { code, output: output.join('') }
}

function stop(): void {
  for (const child of running) child.kill('SIGTERM')
}
