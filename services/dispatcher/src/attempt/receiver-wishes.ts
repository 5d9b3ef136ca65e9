import type { Attempt, DeliveryOutcome } from '@jethook/contracts'

/** What a receiver says beyond the success or failure of this one attempt. */
export interface ReceiverWishes {
  /** It is too much for it: 429 or 503. */
  readonly overloaded: boolean
  /** It never wants this event again. */
  readonly abort: boolean
  /** It wants no events any more. */
  readonly disables: DeliveryOutcome['disables']
}

/** The response header in which a receiver can say what becomes of the delivery, or of the whole subscription. */
const header = 'webhook-delivery'

export function receiverWishes({ response }: Pick<Attempt, 'response'>): ReceiverWishes {
  const status = response?.status
  const said = response?.headers[header]?.trim().toLowerCase()
  return {
    overloaded: status === 429 || status === 503,
    abort: said === 'abort-message',
    disables: said === 'disable' ? 'receiver' : status === 410 ? 'gone' : undefined,
  }
}
