import { WebhookVerificationError } from '../error.ts'
import type { TimestampFormat } from '../profile/profile.ts'

/** Milliseconds since the epoch, or `undefined` when the text is not of the format. */
export function parseTimestamp(text: string, format: TimestampFormat): number | undefined {
  switch (format) {
    case 'seconds':
      return /^\d{1,11}$/.test(text) ? Number(text) * 1_000 : undefined
    case 'milliseconds':
      return /^\d{1,14}$/.test(text) ? Number(text) : undefined
    case 'iso': {
      // With a time zone: without one, the receiver's own would be taken.
      const timeMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
      return Number.isNaN(timeMs) ? undefined : timeMs
    }
  }
}

/** Throws `malformed_timestamp` unless the text is of the format. */
export function expectTimestamp(text: string, format: TimestampFormat): void {
  if (parseTimestamp(text, format) !== undefined) return
  throw new WebhookVerificationError('malformed_timestamp', `The time ${JSON.stringify(text)} is not in ${format}.`)
}

/** Throws `timestamp_too_old` or `timestamp_too_new`, and `malformed_timestamp` when there is none to check. */
export function checkTolerance(timestampMs: number | undefined, toleranceSeconds: number, nowMs: number): void {
  if (timestampMs === undefined) {
    throw new WebhookVerificationError('malformed_timestamp', 'The webhook has no timestamp that can be read.')
  }
  const ageSeconds = (nowMs - timestampMs) / 1_000
  if (ageSeconds > toleranceSeconds) {
    const message = `The webhook is ${Math.round(ageSeconds)} s old; ${toleranceSeconds} s are allowed. It may be a replay.`
    throw new WebhookVerificationError('timestamp_too_old', message)
  }
  if (-ageSeconds > toleranceSeconds) {
    const message = `The webhook is from ${Math.round(-ageSeconds)} s in the future; ${toleranceSeconds} s are allowed. Is this machine's clock right?`
    throw new WebhookVerificationError('timestamp_too_new', message)
  }
}
