import { commonSettings, readSettings } from '@jethook/runtime'
import { z } from 'zod'

const settings = {
  ...commonSettings,
  DATABASE_URL: z.string().min(1).describe('postgres://user:password@host:port/database'),
  LOG_LEVEL: commonSettings.LOG_LEVEL.default('warn'),
}

export type RebuildConfig = z.infer<z.ZodObject<typeof settings>>

/** The service's settings, as far as they matter here. Throws SettingsError. */
export const readRebuildConfig = (): RebuildConfig => readSettings(settings, process.env)
