import { hash } from 'node:crypto'
import { createId, MessageHeader, parseEventSubject } from '@jethook/contracts'
import type { JsMsg, MsgHdrs, TraceContext } from '@jethook/runtime'
import type { Submission } from '../accept/submission.ts'

/** A message of INTAKE, read. */
export interface IntakeMessage {
  readonly submission: Submission
  /** False when the producer's headers cannot be read; nothing is known of what was in them then. */
  readonly headersReadable: boolean
  /** The event's id when the producer gave none. The same message always gives the same one. */
  readonly derivedId: string
  readonly trace: TraceContext
  readonly onlySubscription: string | undefined
  readonly sequence: number
  /** When INTAKE stored it, milliseconds since the epoch. */
  readonly arrivedAt: number
}

export function readIntakeMessage(message: JsMsg): IntakeMessage {
  const { tenant, eventType } = parseEventSubject(message.subject)
  const { producerId, trace, onlySubscription, headersReadable } = readHeaders(message)
  const { streamSequence: sequence } = message.info
  const timestamp = message.timestampNanos
  const arrivedAt = Number(timestamp / 1_000_000n)
  return {
    submission: { tenant, eventType, producerId, payload: message.data },
    headersReadable,
    // Sequences start again when the stream is made anew; the time tells its messages from those of the old one.
    derivedId: createId('evt', arrivedAt, hash('sha256', `${timestamp}/${sequence}`, 'buffer')),
    trace,
    onlySubscription,
    sequence,
    arrivedAt,
  }
}

interface ProducerHeaders {
  headersReadable: boolean
  producerId: string | undefined
  onlySubscription: string | undefined
  trace: { traceparent: string | undefined; tracestate: string | undefined }
}

/** Longer ones are left off: what a producer sends must not make our own message too large to be stored. */
const maxTraceparentLength = 128
const maxTracestateLength = 512
const maxSubscriptionLength = 128

/** Names in any case: some clients write `Traceparent`. */
function readHeaders(message: JsMsg): ProducerHeaders {
  const headers = headersOf(message)
  const read: ProducerHeaders = {
    headersReadable: headers !== 'unreadable',
    producerId: undefined,
    onlySubscription: undefined,
    trace: { traceparent: undefined, tracestate: undefined },
  }
  if (headers === undefined || headers === 'unreadable') return read
  for (const [name, [value = '']] of headers) {
    switch (name.toLowerCase()) {
      case messageIdName:
        read.producerId = value
        break
      case onlySubscriptionName:
        if (value.length <= maxSubscriptionLength) read.onlySubscription = value
        break
      case MessageHeader.traceparent:
        if (value.length <= maxTraceparentLength) read.trace.traceparent = value
        break
      case MessageHeader.tracestate:
        if (value.length <= maxTracestateLength) read.trace.tracestate = value
        break
      default:
    }
  }
  return read
}

const messageIdName = MessageHeader.messageId.toLowerCase()
const onlySubscriptionName = MessageHeader.onlySubscription.toLowerCase()

/** The client decodes headers when they are first read, and throws at a stray carriage return in one. */
function headersOf(message: JsMsg): MsgHdrs | undefined | 'unreadable' {
  try {
    return message.headers
  } catch {
    return 'unreadable'
  }
}
