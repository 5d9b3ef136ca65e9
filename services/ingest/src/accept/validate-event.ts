import type { Configuration } from '@jethook/configuration'
import { EventId, EventType, UserId } from '@jethook/contracts'
import { isKnownEventType } from '@jethook/profiles'
import type { Rejection, Submission } from './submission.ts'

/** Whether this may become an event, apart from its payload being JSON. Undefined: it may. */
export function validateEvent(
  { tenant, eventType, producerId, user, payload }: Submission,
  configuration: Pick<Configuration, 'tenant' | 'profileOf'>,
  maxPayloadBytes: number,
): Rejection | undefined {
  return (
    validateAddress(tenant, eventType, configuration) ??
    validateProducerId(producerId) ??
    validateUser(user) ??
    validateSize(payload.length, maxPayloadBytes)
  )
}

function validateAddress(
  tenantId: string,
  eventType: string,
  configuration: Pick<Configuration, 'tenant' | 'profileOf'>,
): Rejection | undefined {
  const tenant = configuration.tenant(tenantId)
  if (!tenant) return { code: 'unknown_tenant', reason: `There is no tenant ${quote(tenantId)}. Create it first.` }
  const profile = configuration.profileOf(tenantId)
  if (!profile) {
    return {
      code: 'unknown_profile',
      reason: `Tenant ${tenantId} has the profile ${quote(tenant.profile)}, unknown here.`,
    }
  }
  // Catalogues hold well-formed types only: form matters just for telling the producer what is wrong.
  if (isKnownEventType(profile, eventType)) return undefined
  const form = EventType.safeParse(eventType)
  return form.success
    ? {
        code: 'unknown_event_type',
        reason: `${quote(eventType)} is not in the catalogue of tenant ${tenantId} (profile ${profile.name}).`,
      }
    : { code: 'invalid_event_type', reason: `The event type ${quote(eventType)} ${form.error.issues[0]?.message}.` }
}

function validateProducerId(producerId: string | undefined): Rejection | undefined {
  if (producerId === undefined) return undefined
  const form = EventId.safeParse(producerId)
  if (form.success) return undefined
  return { code: 'invalid_event_id', reason: `The event id ${quote(producerId)} ${form.error.issues[0]?.message}.` }
}

function validateUser(user: string | undefined): Rejection | undefined {
  if (user === undefined) return undefined
  const form = UserId.safeParse(user)
  if (form.success) return undefined
  return { code: 'invalid_request', reason: `The user ${quote(user)} ${form.error.issues[0]?.message}.` }
}

function validateSize(bytes: number, maxBytes: number): Rejection | undefined {
  if (bytes <= maxBytes) return undefined
  return { code: 'payload_too_large', reason: `The payload has ${bytes} bytes; at most ${maxBytes} are accepted.` }
}

/** As it was written, in quotes and not endless: it may be anything. */
const quote = (text: string): string => JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
