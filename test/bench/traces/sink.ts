import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { spawnGuarded, stopChild } from '@jethook/local'

export interface TraceSink {
  readonly url: string
  /** What it was sent so far, in bytes. */
  received(): Promise<number>
  stop(): Promise<void>
}

export async function startTraceSink(): Promise<TraceSink> {
  const program = fileURLToPath(new URL('./sink-process.ts', import.meta.url))
  const child = spawnGuarded(process.execPath, [program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [port] = (await once(child, 'message')) as [number]
  return {
    url: `http://127.0.0.1:${port}`,
    async received() {
      const answer = once(child, 'message')
      child.send('how much?')
      const [bytes] = (await answer) as [number]
      return bytes
    },
    stop: () => stopChild(child, 'SIGTERM'),
  }
}
