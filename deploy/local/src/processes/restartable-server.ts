import { freePort } from '../ports/free-port.ts'
import { ServerDidNotStart, type LaunchedServer } from './launch-server.ts'

export interface RestartableServer {
  readonly port: number
  /** Undefined while it is stopped. */
  readonly pid: number | undefined
  /** Starts it again after `stop` or `kill`: same port, same data. */
  start(): Promise<void>
  stop(): Promise<void>
  /** SIGKILL: the way a power cut looks to everybody else. */
  kill(): Promise<void>
}

const PORTS_TO_TRY = 5

/** Starts a server on the given port or a free one, which it keeps when it is stopped and started again. */
export async function startRestartable(
  wantedPort: number | undefined,
  launch: (port: number) => Promise<LaunchedServer>,
): Promise<RestartableServer> {
  const first = await launchOnPort(wantedPort, launch)
  const { port } = first
  let server: LaunchedServer | undefined = first.server
  const end = async (how: 'stop' | 'kill'): Promise<void> => {
    const ending = server
    server = undefined
    await ending?.[how]()
  }
  return {
    port,
    get pid() {
      return server?.pid
    },
    start: async () => {
      server ??= await launch(port)
    },
    stop: () => end('stop'),
    kill: () => end('kill'),
  }
}

async function launchOnPort(
  wantedPort: number | undefined,
  launch: (port: number) => Promise<LaunchedServer>,
): Promise<{ port: number; server: LaunchedServer }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = wantedPort ?? (await freePort())
    try {
      return { port, server: await launch(port) }
    } catch (error) {
      // Somebody took it since it was found free.
      const anotherMayDo = wantedPort === undefined && error instanceof ServerDidNotStart && error.portTaken
      if (!anotherMayDo || attempt === PORTS_TO_TRY) throw error
    }
  }
}
