import type { FactPlaceholder } from '@jethook/contracts'

/** What the placeholders of a profile's templates stand for. Times are milliseconds since the epoch. */
export interface RequestFacts {
  readonly tenant: string
  readonly eventId: string
  readonly eventType: string
  /** When the event was accepted. */
  readonly eventTimeMs: number
  readonly deliveryId: string
  /** From 1. */
  readonly attempt: number
  /** When the attempt is made. */
  readonly nowMs: number
  /** What the producer published. */
  readonly payload: Uint8Array
}

export type Fact = (facts: RequestFacts) => string

export const factsByPlaceholder: Record<FactPlaceholder, Fact> = {
  tenant: (facts) => facts.tenant,
  'event.id': (facts) => facts.eventId,
  'event.type': (facts) => facts.eventType,
  'event.time.iso': (facts) => new Date(facts.eventTimeMs).toISOString(),
  'event.time.isoSeconds': (facts) => `${new Date(facts.eventTimeMs).toISOString().slice(0, -5)}Z`,
  'event.time.epoch': (facts) => wholeSeconds(facts.eventTimeMs),
  'event.time.epochMs': (facts) => String(facts.eventTimeMs),
  'delivery.id': (facts) => facts.deliveryId,
  attempt: (facts) => String(facts.attempt),
  timestamp: (facts) => wholeSeconds(facts.nowMs),
}

const wholeSeconds = (timeMs: number): string => String(Math.floor(timeMs / 1_000))
