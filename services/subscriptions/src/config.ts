import { parseKeys } from '@jethook/configuration'
import { commonSettings, portSetting, readSettings } from '@jethook/runtime'
import { z } from 'zod'

const settings = {
  ...commonSettings,
  PORT: portSetting(4000),
  DATABASE_URL: z
    .string()
    .refine(
      (url) => /^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? ''),
      'it must look like postgres://user:password@host:port/database',
    ),
  OPERATOR_KEY: z
    .string()
    .min(16, 'it must have at least 16 characters, for whoever guesses it owns every tenant')
    .describe('The key that makes tenants and their first API keys.'),
  PUBLIC_URL: z
    .string()
    .refine((url) => /^https?:$/.test(URL.parse(url)?.protocol ?? ''), 'it must look like https://hooks.example.com')
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe('Where this API is reached from outside: links to secrets begin with it.'),
  SECRET_LINK_HOURS: z.coerce.number().positive().default(72).describe('How long a link to a secret works.'),
  ENCRYPTION_KEYS: z.string().superRefine((keys, context) => {
    try {
      parseKeys(keys)
    } catch (error) {
      context.addIssue({ code: 'custom', message: `it ${(error as Error).message}` })
    }
  }),
}

export type SubscriptionsConfig = z.infer<z.ZodObject<typeof settings>>

/** Throws SettingsError. */
export const readConfig = (environment: NodeJS.ProcessEnv = process.env): SubscriptionsConfig =>
  readSettings(settings, environment)
