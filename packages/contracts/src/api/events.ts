import { z } from 'zod'
import { EventId, EventType, UserId } from '../identifiers.ts'
import { Problem } from '../problem.ts'
import { pageQuery, SearchText } from './pages.ts'

export const PublishEvent = z.strictObject({
  type: EventType.describe('An event type of the tenant’s catalogue.'),
  id: EventId.optional().describe('Your own id: the same one again within the window is the same event.'),
  user: UserId.optional().describe(
    'The user that it is about, where the payload does not say: apps get only events of users who let them.',
  ),
  payload: z.unknown().describe('Any JSON. Delivered byte for byte as written here.'),
})

export const PublishBatch = z.strictObject({ events: z.array(z.unknown()).min(1).max(500) })

export const AcceptedEvent = z.object({
  id: z.string(),
  type: z.string(),
  acceptedAt: z.iso.datetime(),
  duplicate: z.boolean().describe('True when this id was accepted before: the answer is the first one’s.'),
})

/** One result per item of the batch, in its order. */
export const BatchResult = z.object({
  results: z.array(
    z.discriminatedUnion('status', [
      z.object({ status: z.literal('accepted'), event: AcceptedEvent }),
      z.object({ status: z.literal('rejected'), problem: Problem }),
    ]),
  ),
})

export const EventTypeResource = z.object({
  name: z.string(),
  description: z.string(),
  schema: z.record(z.string(), z.unknown()).optional().describe('What payloads look like: a JSON Schema.'),
})

export const EventResource = z.object({
  id: z.string(),
  type: z.string(),
  acceptedAt: z.iso.datetime(),
  payload: z.unknown().describe('As published, byte for byte.'),
})

export const RejectedQuery = z.strictObject({
  ...pageQuery,
  tenant: SearchText.optional().describe('Operator only: one tenant; without it all, unknown tenants included.'),
})

export const RejectedEventResource = z.object({
  tenant: z.string(),
  type: z.string(),
  id: z.string().nullable().describe('The producer’s id, when there was one.'),
  code: z.string(),
  reason: z.string(),
  payload: z.string().describe('The first 16 KiB of what was published, as text.'),
  size: z.int().describe('Its whole size in bytes.'),
  rejectedAt: z.iso.datetime(),
})

export type PublishEvent = z.infer<typeof PublishEvent>
export type AcceptedEvent = z.infer<typeof AcceptedEvent>
export type BatchResult = z.infer<typeof BatchResult>
export type RejectedQuery = z.infer<typeof RejectedQuery>
export type RejectedEventResource = z.infer<typeof RejectedEventResource>
