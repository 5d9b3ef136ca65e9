/** What a subscription may have, over all dispatchers. Another object whenever something in it changes. */
export interface LaneRules {
  readonly concurrency: number
  readonly rateLimit: { readonly perSecond: number; readonly burst: number | null } | null
  readonly circuitBreaker: boolean
  /** It gets its events in order, from one dispatcher. */
  readonly exclusive: boolean
}

/**
 * Whether one dispatcher gives out all turns of a subscription: where a limit is not to be exceeded, and cannot be shared
 * out evenly, because not every dispatcher gets as much to do, or there are more dispatchers than attempts at a time.
 */
export function isKeptByOne({ exclusive, rateLimit, concurrency }: LaneRules, dispatchers: number): boolean {
  return dispatchers > 1 && (exclusive || rateLimit !== null || concurrency < dispatchers)
}
