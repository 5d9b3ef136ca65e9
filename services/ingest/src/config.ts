import { commonSettings, portSetting, readSettings } from '@jethook/runtime'
import { z } from 'zod'

const settings = {
  ...commonSettings,
  PORT: portSetting(4001),
  /** The largest payload that is accepted. Must leave room for headers in a NATS message (1 MiB unless configured). */
  EVENT_MAX_BYTES: z.coerce.number().int().min(1).default(262_144),
}

export type IngestConfig = z.infer<z.ZodObject<typeof settings>>

/** Throws SettingsError. */
export const readConfig = (environment: Record<string, string | undefined> = process.env): IngestConfig =>
  readSettings(settings, environment)
