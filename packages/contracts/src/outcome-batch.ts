import { z } from 'zod'
import { Attempt, DeliveryOutcome, OutcomeBatch } from './deliveries.ts'

/**
 * A message of ATTEMPTS is a JSON array of outcomes in one line, each with a summary of its attempt, and then a line for
 * each attempt, in their order: whoever keeps the log takes that line as it is. Where no line follows, outcomes hold
 * their attempts as a whole: so they were written before.
 */
export const OutcomeHead = DeliveryOutcome.omit({ attempt: true }).extend({
  /** Null when nothing was sent. */
  attempt: Attempt.pick({ id: true, number: true, error: true }).extend({ status: z.int().nullable() }).nullable(),
})

export interface OutcomeLines {
  readonly head: string
  /** Null when nothing was sent. */
  readonly attempt: string | null
  /** Both, in a message. */
  readonly bytes: number
}

export interface StoredOutcome {
  readonly head: OutcomeHead
  /** An Attempt, in JSON. Null when nothing was sent. */
  readonly attempt: Uint8Array | null
}

export function outcomeLines(outcome: DeliveryOutcome): OutcomeLines {
  const head = JSON.stringify(headOf(outcome))
  const attempt = outcome.attempt && JSON.stringify(outcome.attempt)
  // As they will be on the wire, with a separator each: responses need not be ASCII.
  const bytes = Buffer.byteLength(head) + 1 + (attempt === null ? 0 : Buffer.byteLength(attempt) + 1)
  return { head, attempt, bytes }
}

/** Written where it is to be, as putting the lines together first would make two copies more of all of it. */
export function outcomeMessage(outcomes: readonly OutcomeLines[]): Buffer {
  const commas = Math.max(0, outcomes.length - 1)
  const size = outcomes.reduce((sum, { bytes }) => sum + bytes, '[]\n'.length + commas - outcomes.length)
  const message = Buffer.allocUnsafe(size)
  let at = 0
  const write = (text: string): void => {
    at += message.write(text, at)
  }
  write('[')
  for (const [index, { head }] of outcomes.entries()) {
    if (index > 0) write(',')
    write(head)
  }
  write(']\n')
  for (const { attempt } of outcomes) {
    if (attempt === null) continue
    write(attempt)
    write('\n')
  }
  return message
}

/** Throws when a message is none of these. What the lines of attempts say is not looked at. */
export function readOutcomes(data: Uint8Array): StoredOutcome[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const end = bytes.indexOf(newLine)
  if (end < 0) return OutcomeBatch.parse(JSON.parse(bytes.toString('utf8'))).map(withWholeAttempt)

  const heads: unknown = JSON.parse(bytes.toString('utf8', 0, end))
  if (!Array.isArray(heads)) throw new TypeError('A message of ATTEMPTS begins with a line that is no array.')
  let at = end + 1
  const outcomes = heads.map((value: unknown): StoredOutcome => {
    const head = isMereSuccess(value) ? value : OutcomeHead.parse(value)
    if (!head.attempt) return { head, attempt: null }
    const start = at
    at = bytes.indexOf(newLine, start) + 1
    if (at === 0) throw new TypeError('A message of ATTEMPTS lacks an attempt that it tells of.')
    return { head, attempt: bytes.subarray(start, at - 1) }
  })
  if (at < bytes.length) throw new TypeError('A message of ATTEMPTS holds more attempts than it tells of.')
  return outcomes
}

const newLine = 0x0a

/** Whether it is what nearly all are: the schema comes to the same, but takes as long as all the rest of reading. */
function isMereSuccess(value: unknown): value is OutcomeHead {
  const of = (value ?? {}) as Partial<OutcomeHead>
  const { outcome, attempt, disables, traceparent } = of
  return (
    outcome?.type === 'delivered' &&
    typeof attempt?.id === 'string' &&
    Number.isSafeInteger(attempt.number) &&
    attempt.number >= 1 &&
    Number.isSafeInteger(attempt.status) &&
    attempt.error === null &&
    typeof of.deliveryId === 'string' &&
    typeof of.tenant === 'string' &&
    typeof of.subscriptionId === 'string' &&
    typeof of.eventId === 'string' &&
    typeof of.eventType === 'string' &&
    Number.isSafeInteger(of.eventSequence) &&
    Number.isSafeInteger(of.acceptedAt) &&
    Number.isSafeInteger(of.at) &&
    disables === undefined &&
    (traceparent === undefined || typeof traceparent === 'string')
  )
}

function withWholeAttempt(outcome: DeliveryOutcome): StoredOutcome {
  return { head: headOf(outcome), attempt: outcome.attempt && Buffer.from(JSON.stringify(outcome.attempt)) }
}

function headOf(outcome: DeliveryOutcome): OutcomeHead {
  const { attempt } = outcome
  return {
    ...outcome,
    attempt: attempt && {
      id: attempt.id,
      number: attempt.number,
      status: attempt.response?.status ?? null,
      error: attempt.error,
    },
  }
}

export type OutcomeHead = z.infer<typeof OutcomeHead>
