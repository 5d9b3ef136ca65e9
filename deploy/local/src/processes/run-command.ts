import type { SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { spawnGuarded } from './guard.ts'

/** Runs a command to its end and returns what it printed; fails with its own words. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { readonly input?: string } = {},
): Promise<string> {
  const { input, ...spawnOptions } = options
  const child = spawnGuarded(command, args, { ...spawnOptions, stdio: ['pipe', 'pipe', 'pipe'] })
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new Error(`${command} has no pipes`)
  // A command that does not read its input to the end says why in its output.
  stdin.on('error', () => {})
  stdin.end(input)
  const [printed, complaint, [code, signal]] = await Promise.all([text(stdout), text(stderr), once(child, 'close')])
  if (code === 0) return printed
  const words = (complaint.trim() || printed.trim()).split('\n').slice(-5).join('\n')
  throw new Error(`${command} ended with ${code === null ? String(signal) : `code ${String(code)}`}: ${words}`)
}
