import { freePort } from '../ports/free-port.ts'
import { ServerDidNotStart, type LaunchedServer } from './launch-server.ts'

export interface RestartableServer {
  readonly port: number
  /** Undefined while it is not running. */
  readonly pid: number | undefined
  /** Starts it again, if it is not running: same port, same data. */
  start(): Promise<void>
  stop(): Promise<void>
  /** SIGKILL: the way a power cut looks to everybody else. */
  kill(): Promise<void>
}

const PORTS_TO_TRY = 5

export interface PortChoice {
  /** This one or none. */
  readonly port?: number
  /** This one or the next free one after it. Any free one when neither is given. */
  readonly preferredPort?: number
}

/** Starts a server on a port that it keeps when it is stopped and started again. */
export async function startRestartable(
  choice: PortChoice,
  launch: (port: number) => Promise<LaunchedServer>,
): Promise<RestartableServer> {
  const first = await launchOnPort(choice, launch)
  const { port } = first
  let { server } = first
  return {
    port,
    get pid() {
      return server.hasEnded ? undefined : server.pid
    },
    start: async () => {
      if (server.hasEnded) server = await launch(port)
    },
    stop: () => server.stop(),
    kill: () => server.kill(),
  }
}

async function launchOnPort(
  choice: PortChoice,
  launch: (port: number) => Promise<LaunchedServer>,
): Promise<{ port: number; server: LaunchedServer }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = choice.port ?? (await freePort(choice.preferredPort))
    try {
      return { port, server: await launch(port) }
    } catch (error) {
      // Somebody took it since it was found free.
      const anotherMayDo = choice.port === undefined && error instanceof ServerDidNotStart && error.portTaken
      if (!anotherMayDo || attempt === PORTS_TO_TRY) throw error
    }
  }
}
