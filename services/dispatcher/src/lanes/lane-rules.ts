/** What a subscription may have, over all dispatchers. Another object whenever something in it changes. */
export interface LaneRules {
  readonly concurrency: number
  readonly rateLimit: { readonly perSecond: number; readonly burst: number | null } | null
  readonly circuitBreaker: boolean
  /** One dispatcher does it all: limits are not shared. */
  readonly exclusive: boolean
}
