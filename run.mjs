// `node run.mjs start|test|bench|publish|rebuild …`: plain JavaScript for whatever Node is at hand. It installs what is missing, the project's own
// Node included, and runs the real script on that one.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'

const scripts = {
  start: 'deploy/local/src/start.ts',
  publish: 'deploy/local/src/publish.ts',
  rebuild: 'deploy/local/src/rebuild.ts',
  test: 'test/run-checks.ts',
  bench: 'test/bench/main.ts',
}
const root = import.meta.dirname
const ownNode = join(root, 'node_modules/.bin/node')
const [name = '', ...args] = process.argv.slice(2)
const usage = `Usage: node run.mjs ${Object.keys(scripts).join('|')}`
if (name === '--help') {
  console.log(usage)
  process.exit(0)
}
// EX_USAGE of sysexits.h
if (!Object.hasOwn(scripts, name)) fail(`${usage}, not "${name}".`, 64)

if (!isInstalled()) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  console.error(`Installing with ${packageManager}; the first time this takes about half a minute.`)
  const install = ['--yes', packageManager, 'install', '--frozen-lockfile']
  const code = await run('npx', install, { stdio: [0, 2, 2], cwd: root })
  if (code !== 0) fail(`Installing failed: see above. It needs npm and a package registry that npm can reach.`, code)
  if (!existsSync(ownNode))
    fail(`Jethook runs on Linux and macOS, x64 or arm64, not on ${process.platform}-${process.arch}.`)
}
const PATH = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter)
// What Node makes of our TypeScript is kept: each process that need not make it again starts faster, and takes 20 MB less.
const NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules/.cache/compiled')
const stdio = ['inherit', 'inherit', 'inherit', 'ipc']
process.exit(
  await run(ownNode, [join(root, scripts[name]), ...args], {
    stdio,
    env: { ...process.env, PATH, NODE_COMPILE_CACHE },
  }),
)

/** pnpm writes both files at the end of an installation. */
function isInstalled() {
  const installed = join(root, 'node_modules/.pnpm/lock.yaml')
  if (![ownNode, installed, join(root, 'node_modules/.modules.yaml')].every((path) => existsSync(path))) return false
  return readFileSync(installed).equals(readFileSync(join(root, 'pnpm-lock.yaml')))
}

/**
 * In a process group of its own: a Ctrl-C reaches us twice, from the terminal and from npm, and the script once. Should we be killed,
 * the script notices by the end of the IPC channel; should npm be killed, we notice by our parent.
 */
function run(command, commandArgs, options) {
  const child = spawn(command, commandArgs, { ...options, detached: true })
  let lastSignalAt = 0
  const forward = (signal) => {
    if (Date.now() - lastSignalAt < 500) return
    lastSignalAt = Date.now()
    child.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward)
  const parent = process.ppid
  if (process.env.npm_lifecycle_event) setInterval(() => process.ppid === parent || forward('SIGTERM'), 1_000).unref()
  return new Promise((resolve) => {
    child.once('error', (error) => fail(`${command} cannot be run: ${error.message}`))
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}

function fail(message, code = 1) {
  console.error(message)
  process.exit(code)
}
