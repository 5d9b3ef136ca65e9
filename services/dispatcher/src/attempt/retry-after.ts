/** A receiver may ask for a pause, but not for one that lasts longer than its events are kept. */
export const longestRetryAfterMs = 3_600_000

/**
 * How long a `Retry-After` header (RFC 9110, 10.2.3) asks to wait: seconds, or a date. Capped; undefined when it cannot be
 * read.
 */
export function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : httpDateMs(text) - nowMs
  return Number.isNaN(ms) ? undefined : Math.round(Math.min(Math.max(ms, 0), longestRetryAfterMs))
}

/** The three forms of HTTP dates all begin with the name of a day; much else that Date would read does not. */
function httpDateMs(text: string): number {
  return /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(text)
    ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
    : NaN
}
