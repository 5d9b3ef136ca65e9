import type { RetryPolicy } from '@jethook/contracts'

const dayMs = 86_400_000

/** For how long a delivery may be retried at most, jitter included, in milliseconds. */
const longestRetriesMs = ({ delaysMs, jitter }: RetryPolicy): number =>
  delaysMs.reduce((sum, delay) => sum + delay, 0) * (1 + jitter)

/** What is wrong with a schedule that goes on after its events are gone; they would end as `event_expired`. */
export function problemWithRetries(policy: RetryPolicy, retentionMs: number | undefined): string | undefined {
  const longestMs = longestRetriesMs(policy)
  if (retentionMs === undefined || longestMs < retentionMs) return undefined
  const [days, kept] = [longestMs, retentionMs].map((ms) => Number((ms / dayMs).toFixed(1)))
  return `the delays add up to ${days} days with jitter, but events are kept for ${kept} days (RETENTION_DAYS): shorten them`
}
