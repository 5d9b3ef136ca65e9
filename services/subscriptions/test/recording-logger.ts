import { createLogger, type Logger } from '@jethook/runtime'

export interface RecordingLogger extends Logger {
  /** The messages of what was logged, in order. */
  readonly messages: string[]
}

/** A logger that keeps what it is told instead of printing it. */
export function recordingLogger(): RecordingLogger {
  const messages: string[] = []
  const logger = createLogger('test', 'info')
  const record = (fields: unknown, message?: string): void => void messages.push(message ?? String(fields))
  return Object.assign(logger, {
    info: record,
    warn: record,
    error: record,
    fatal: record,
    messages,
  }) as RecordingLogger
}
