import { MessageHeader, rejectedSubject, TenantId } from '@jethook/contracts'
import { messageHeaders, type MsgHdrs } from '@jethook/runtime'
import type { Rejection } from '../accept/submission.ts'
import type { IntakeMessage } from './intake-message.ts'

export interface RejectedMessage {
  readonly subject: string
  readonly headers: MsgHdrs
  readonly payload: Uint8Array
}

/** More than the headers below can take. */
const headerRoomBytes = 8_192
const maxReasonLength = 500
const maxIdLength = 128

/** How an event that cannot be accepted is kept: with the reason, and with as much of its payload as a message can hold. */
export function rejectedMessage(
  { name, submission, trace }: IntakeMessage,
  { code, reason }: Rejection,
  maxMessageBytes: number,
): RejectedMessage {
  const { tenant, eventType, producerId, payload } = submission
  const room = Math.max(0, maxMessageBytes - headerRoomBytes)
  return {
    subject: rejectedSubject(tenantToken(tenant), eventTypeTokens(eventType)),
    headers: messageHeaders({
      // Handled twice, after a crash, it is listed once.
      [MessageHeader.messageId]: `intake/${name}`,
      [MessageHeader.eventId]: producerId === undefined ? undefined : headerText(producerId, maxIdLength),
      [MessageHeader.rejectedCode]: code,
      [MessageHeader.rejectedReason]: headerText(reason, maxReasonLength),
      [MessageHeader.originalSize]: payload.length > room ? String(payload.length) : undefined,
      [MessageHeader.traceparent]: trace.traceparent,
      [MessageHeader.tracestate]: trace.tracestate,
    }),
    payload: payload.length > room ? payload.subarray(0, room) : payload,
  }
}

/**
 * Producers may write what they like into a subject. What cannot be a tenant gets a token that no tenant can have, so
 * that it is not listed as somebody else's, and nothing that means something in a subject (`*`, `>`) or to a filter.
 */
function tenantToken(tenant: string): string {
  return TenantId.safeParse(tenant).success ? tenant : `~${tenant.replace(/[^A-Za-z0-9-]/g, '~').slice(0, 63)}`
}

/** `~` stands for every character that an event type cannot have, and for a missing type. */
function eventTypeTokens(eventType: string): string {
  return (
    eventType
      .replace(/[^A-Za-z0-9_.-]/g, '~')
      .slice(0, 128)
      .replace(/^\.|\.$/g, '~')
      .replace(/\.(?=\.)/g, '.~') || '~'
  )
}

const headerText = (text: string, maxLength: number): string =>
  // eslint-disable-next-line no-control-regex
  text.replace(/[\u0000-\u001f\u007f]/g, ' ').slice(0, maxLength)
