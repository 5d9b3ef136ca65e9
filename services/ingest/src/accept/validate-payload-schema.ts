import type { Configuration } from '@jethook/configuration'
import { shorten } from '@jethook/contracts'
import { hasPayloadSchema, validatePayload } from '@jethook/profiles'
import type { Rejection, Submission } from './submission.ts'

/** Whether the payload, which is JSON, is what the catalogue says of its event type. Undefined: it is, or nothing is said. */
export function validatePayloadSchema(
  { tenant, eventType, payload }: Submission,
  configuration: Pick<Configuration, 'profileOf'>,
): Rejection | undefined {
  const profile = configuration.profileOf(tenant)
  if (!profile || !hasPayloadSchema(profile, eventType)) return undefined
  const value: unknown = JSON.parse(Buffer.from(payload).toString('utf8'))
  const violation = validatePayload(profile, eventType, value)
  if (!violation) return undefined
  const { path, message } = violation
  const field = shorten(`payload${path === '' || path.startsWith('[') ? '' : '.'}${path}`)
  return {
    code: 'payload_invalid',
    reason: `${field} ${message}, says the schema of ${eventType} (profile ${profile.name}).`,
    field,
  }
}
