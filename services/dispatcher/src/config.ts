import { parseKeys } from '@jethook/configuration'
import { egressSettings } from '@jethook/egress'
import { commonSettings, portSetting, readSettings } from '@jethook/runtime'
import { z } from 'zod'

const settings = {
  ...commonSettings,
  ...egressSettings,
  PORT: portSetting(4002),
  ENCRYPTION_KEYS: z.string().superRefine((keys, context) => {
    try {
      parseKeys(keys)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
    }
  }),
  /** Deliveries that one dispatcher has in hand at the same time, over all subscriptions. */
  MAX_IN_FLIGHT: z.coerce.number().int().min(1).max(100_000).default(2_000),
  /** Connections that are kept open, over all receivers; twice as many as deliveries may be in hand, unless set. */
  MAX_CONNECTIONS: z.coerce.number().int().min(1).optional(),
}

export type DispatcherConfig = z.infer<z.ZodObject<typeof settings>>

/** Throws SettingsError. */
export const readConfig = (): DispatcherConfig => readSettings(settings, process.env)
