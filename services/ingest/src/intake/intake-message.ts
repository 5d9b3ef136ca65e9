import { hash } from 'node:crypto'
import { createId, MessageHeader, parseEventSubject } from '@jethook/contracts'
import { placeOf, readTraceContext, type JsMsg, type MsgHdrs, type TraceContext } from '@jethook/runtime'
import type { Submission } from '../accept/submission.ts'

/** A message of INTAKE, read. */
export interface IntakeMessage {
  /** What names it for ever: sequences start again when the stream is made anew, time does not. */
  readonly name: string
  /** When INTAKE stored it, milliseconds since the epoch. */
  readonly arrivedAtMs: number
  readonly submission: Submission
  /** False when the producer's headers cannot be read; nothing is known of what was in them then. */
  readonly headersReadable: boolean
  readonly trace: TraceContext
  readonly onlySubscription: string | undefined
}

export function readIntakeMessage(message: JsMsg): IntakeMessage {
  const { tenant, eventType } = parseEventSubject(message.subject)
  const { producerId, user, trace, onlySubscription, headersReadable } = readHeaders(message)
  const { sequence, timestampNanos } = placeOf(message)
  return {
    name: `${timestampNanos}/${sequence}`,
    arrivedAtMs: Number(timestampNanos.slice(0, -nanosecondDigits)),
    submission: { tenant, eventType, producerId, user, payload: message.data },
    headersReadable,
    trace,
    onlySubscription,
  }
}

/** The id of an event whose producer gave none: the same for the same message, however often it is handled. */
export const deriveEventId = ({ name, arrivedAtMs }: IntakeMessage): string =>
  createId('evt', arrivedAtMs, hash('sha256', name, 'buffer'))

const nanosecondDigits = 6

interface ProducerHeaders {
  headersReadable: boolean
  producerId: string | undefined
  user: string | undefined
  onlySubscription: string | undefined
  trace: TraceContext
}

/** Longer ones are left off: what a producer sends must not make our own message too large to be stored. */
const maxSubscriptionLength = 128

/** Names in any case: some clients write `Traceparent`. */
function readHeaders(message: JsMsg): ProducerHeaders {
  const headers = headersOf(message)
  const read: ProducerHeaders = {
    headersReadable: headers !== 'unreadable',
    producerId: undefined,
    user: undefined,
    onlySubscription: undefined,
    trace: {},
  }
  if (headers === undefined || headers === 'unreadable') return read
  let traceparent: string | undefined
  let tracestate: string | undefined
  for (const [name, [value = '']] of headers) {
    switch (name.toLowerCase()) {
      case messageIdName:
        read.producerId = value
        break
      case userName:
        read.user = value
        break
      case onlySubscriptionName:
        if (value.length <= maxSubscriptionLength) read.onlySubscription = value
        break
      case MessageHeader.traceparent:
        traceparent = value
        break
      case MessageHeader.tracestate:
        tracestate = value
        break
      default:
    }
  }
  read.trace = readTraceContext(traceparent, tracestate)
  return read
}

const messageIdName = MessageHeader.messageId.toLowerCase()
const userName = MessageHeader.user.toLowerCase()
const onlySubscriptionName = MessageHeader.onlySubscription.toLowerCase()

/** The client decodes headers when they are first read, and throws at a stray line break in one. */
function headersOf(message: JsMsg): MsgHdrs | undefined | 'unreadable' {
  try {
    return message.headers
  } catch {
    return 'unreadable'
  }
}
