import { refusedAddress } from './http/refused-address.ts'
import { createLogger, type Logger } from './logger.ts'
import { SettingsError, type CommonSettings } from './settings.ts'
import type { Telemetry } from './telemetry.ts'
import { noTracing, type Tracing } from './tracing.ts'

/** A started service: `stop` takes nothing new, finishes what is in hand and closes what it opened. */
export interface Service {
  stop(): Promise<void>
}

/** What the process gives its service. */
export interface Environment {
  readonly logger: Logger
  readonly tracing: Tracing
}

/** Longer than this to stop means that something hangs. Kubernetes' standard grace is 30 s. */
const stopTimeoutMs = 25_000

/** Runs a service until SIGTERM, SIGINT or SIGHUP. What nobody expected ends the process, loudly: it is started again. */
export async function runProcess<C extends CommonSettings>(
  name: string,
  readConfig: () => C,
  start: (config: C, environment: Environment) => Promise<Service>,
  telemetry: Telemetry | undefined,
): Promise<void> {
  const config = readConfigOrExit(name, readConfig)
  const logger = createLogger(name, config.LOG_LEVEL)
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'process.crashed')
    process.exit(1)
  })

  const stopSignal = nextStopSignal()
  const starting = start(config, { logger, tracing: telemetry?.tracing ?? noTracing })
  const started = starting.catch((error: unknown) => exitIfSettings(name, refusedAddress(error, config.HOST) ?? error))
  const service = await Promise.race([started, stopSignal])
  if (typeof service === 'string') process.exit(0)
  logger.info('process.started')

  logger.info({ signal: await stopSignal }, 'process.stopping')
  setTimeout(() => {
    logger.error({ stopTimeoutMs }, 'process.stop_timed_out')
    process.exit(1)
  }, stopTimeoutMs).unref()
  await service.stop()
  await telemetry?.stop()
  logger.info('process.stopped')
  process.exit(0)
}

function readConfigOrExit<C>(name: string, readConfig: () => C): C {
  try {
    return readConfig()
  } catch (error) {
    return exitIfSettings(name, error)
  }
}

function exitIfSettings(name: string, error: unknown): never {
  if (!(error instanceof SettingsError)) throw error
  process.stderr.write(`${name} cannot start: ${error.message}\n`)
  // Whoever has the port may be about to leave it: only then is it any use to try again.
  const isTaken = (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE'
  process.exit(isTaken ? 75 : 78) // EX_TEMPFAIL and EX_CONFIG of sysexits.h
}

function nextStopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.once(signal, resolve)
  })
}
