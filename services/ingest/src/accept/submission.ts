import type { ProblemCode } from '@jethook/contracts'

/** What a producer wants to publish, however it came. */
export interface Submission {
  readonly tenant: string
  readonly eventType: string
  /** The producer's own id for the event. */
  readonly producerId: string | undefined
  /** The user that it is about, if the producer said so outside of the payload. */
  readonly user?: string | undefined
  readonly payload: Uint8Array
}

/** Why an event is not accepted, and never will be as it is. */
export interface Rejection {
  readonly code: Extract<
    ProblemCode,
    | 'unknown_tenant'
    | 'unknown_profile'
    | 'invalid_request'
    | 'invalid_event_type'
    | 'unknown_event_type'
    | 'invalid_event_id'
    | 'payload_too_large'
    | 'invalid_json'
    | 'payload_invalid'
  >
  readonly reason: string
  /** Which field of the event is to blame, where the code does not say it all: `payload.lines[3].amount`. */
  readonly field?: string
}
