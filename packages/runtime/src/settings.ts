import { wording, type StreamSizes } from '@jethook/contracts'
import { z } from 'zod'

const mebibyte = 1_048_576

/** What every process of ours is told by its environment. One table of it is in the README. */
export const commonSettings = {
  NATS_URL: z.string().min(1).describe('nats://host:port, several separated by commas'),
  NATS_CREDENTIALS_FILE: z.string().optional(),
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  NATS_REPLICAS: z.coerce.number().int().min(1).max(5).default(1),
  RETENTION_DAYS: z.coerce.number().positive().default(7),
  DEDUPLICATION_WINDOW_SECONDS: z.coerce.number().min(0.1).default(600),
  INTAKE_MAX_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(1_024 * mebibyte),
  EVENTS_MAX_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(4_096 * mebibyte),
  ATTEMPTS_MAX_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(4_096 * mebibyte),
  REJECTED_MAX_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(256 * mebibyte),
}

export const portSetting = (standard: number): z.ZodDefault<z.ZodCoercedNumber> =>
  z.coerce.number().int().min(0).max(65_535).default(standard)

export type CommonSettings = z.infer<z.ZodObject<typeof commonSettings>>

/** How an operator sized the streams; for `streamDefinitions`. Of times NATS takes whole numbers only: 0.7 days are not quite so many milliseconds. */
export function streamSizes(settings: CommonSettings): StreamSizes {
  return {
    replicas: settings.NATS_REPLICAS,
    retentionMs: Math.round(settings.RETENTION_DAYS * 86_400_000),
    deduplicationWindowMs: Math.round(settings.DEDUPLICATION_WINDOW_SECONDS * 1_000),
    intakeMaxBytes: settings.INTAKE_MAX_BYTES,
    eventsMaxBytes: settings.EVENTS_MAX_BYTES,
    attemptsMaxBytes: settings.ATTEMPTS_MAX_BYTES,
    rejectedMaxBytes: settings.REJECTED_MAX_BYTES,
  }
}

/** Bad settings stop the start with one sentence per setting. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

/** Reads settings from environment variables. An empty variable counts as not set. Throws SettingsError. */
export function readSettings<S extends z.ZodRawShape>(
  shape: S,
  environment: Record<string, string | undefined>,
): z.infer<z.ZodObject<S>> {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '' && value !== undefined))
  const result = z.object(shape).safeParse(set, { error: wording })
  if (result.success) return result.data
  const sentences = result.error.issues.map((issue) => {
    const name = String(issue.path[0])
    const why = issue.message.replace(/^(?=must )/, 'it ')
    return name in set ? `${name} is not usable: ${why}.` : `${name} is not set, and has no default.`
  })
  throw new SettingsError(sentences.join(' '))
}
