import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * Whatever a process here starts must not outlive it, even when it is killed with SIGKILL and can run no handler. So every child
 * and every temporary folder is told to one small guard process, which notices by the end of its standard input that its parent is
 * gone, and then stops and removes what is left.
 */
export type GuardMessage =
  | { readonly do: 'stop'; readonly pid: number; readonly signal: NodeJS.Signals }
  | { readonly do: 'forget'; readonly pid: number }
  | { readonly do: 'remove'; readonly path: string }
  | { readonly do: 'keep'; readonly path: string }

let guard: ChildProcess | undefined
const children = new Set<ChildProcess>()

/** Like `spawn`, in a process group of its own: Ctrl-C in the terminal reaches only us, and we stop our children in order. */
export function spawnGuarded(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { readonly stopSignal?: NodeJS.Signals },
): ChildProcess {
  const { stopSignal = 'SIGTERM', ...spawnOptions } = options
  const child = spawn(command, args, { ...spawnOptions, detached: true })
  const { pid } = child
  if (pid !== undefined) {
    children.add(child)
    tellGuard({ do: 'stop', pid, signal: stopSignal })
    child.once('exit', () => {
      children.delete(child)
      tellGuard({ do: 'forget', pid })
    })
  }
  return child
}

/** What is still running, of what was started here. */
export function guardedChildren(): ChildProcess[] {
  return [...children]
}

/** Removes a file or folder when this process is gone, however it ended. */
export function removeWhenGone(path: string): void {
  tellGuard({ do: 'remove', path })
}

/** Takes back `removeWhenGone`, because it was removed in time. */
export function alreadyRemoved(path: string): void {
  tellGuard({ do: 'keep', path })
}

function tellGuard(message: GuardMessage): void {
  guard ??= startGuard()
  guard.stdin?.write(`${JSON.stringify(message)}\n`)
}

function startGuard(): ChildProcess {
  const program = fileURLToPath(new URL('./guard-process.ts', import.meta.url))
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' })
  // Without a guard things still work; only a SIGKILL would leave something behind.
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  child.unref()
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
  return child
}
