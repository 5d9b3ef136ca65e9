import { parseKeys } from '@jethook/configuration'
import { egressSettings } from '@jethook/egress'
import { commonSettings, portSetting, readSettings, SettingsError } from '@jethook/runtime'
import { z } from 'zod'

const settings = {
  ...commonSettings,
  ...egressSettings,
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
  SMTP_URL: z
    .string()
    .refine(
      (url) => /^smtps?:$/.test(URL.parse(url)?.protocol ?? ''),
      'it must look like smtp://user:password@host:587',
    )
    .optional()
    .describe('The mail server through which notices about webhooks are sent; none without it.'),
  NOTIFY_FROM: z.string().min(3).optional().describe('The sender of notices: Jethook <notices@example.com>.'),
  NICE: z.coerce
    .number()
    .int()
    .min(0)
    .max(19)
    .default(10)
    .describe('How far it gives way to others on the same machine: deliveries go first, the log can wait.'),
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
export function readConfig(environment: NodeJS.ProcessEnv = process.env): SubscriptionsConfig {
  const config = readSettings(settings, environment)
  if ((config.SMTP_URL === undefined) !== (config.NOTIFY_FROM === undefined))
    throw new SettingsError('SMTP_URL and NOTIFY_FROM go together: set both to send mail, or neither.')
  return config
}
