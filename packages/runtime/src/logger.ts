import { pino, type Logger } from 'pino'

export type { Logger }

/** JSON lines on standard output, one per thing that happened. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service, pid: process.pid },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  })
}
