/** Message headers on our streams. Producers may set `Nats-Msg-Id`, `traceparent` and `tracestate` on INTAKE. */
export const MessageHeader = {
  /** JetStream's deduplication id. On INTAKE it is the producer's event id; on EVENTS it is scoped by tenant. */
  messageId: 'Nats-Msg-Id',
  /** On INTAKE and EVENTS: deliver to this subscription alone, whatever it subscribes (test events). */
  onlySubscription: 'Jethook-Subscription',
  /** On INTAKE and EVENTS: the user that the event is about, where the payload does not say. For subscriptions of apps. */
  user: 'Jethook-User',
  /** On EVENTS and REJECTED: the event's id. */
  eventId: 'Jethook-Event-Id',
  /** On EVENTS: how far CONFIG had got when ingest accepted the event: whoever delivers it must know that much. */
  configSequence: 'Jethook-Config',
  /** On EVENTS: when ingest accepted the event, milliseconds since the epoch. */
  acceptedAt: 'Jethook-Accepted-At',
  /** On REJECTED: the stable code and the sentence that say why. */
  rejectedCode: 'Jethook-Rejected-Code',
  rejectedReason: 'Jethook-Rejected-Reason',
  /** On REJECTED, when the payload had to be cut to fit a message: its size in bytes before. */
  originalSize: 'Jethook-Original-Size',
  /** W3C Trace Context, https://www.w3.org/TR/trace-context/. */
  traceparent: 'traceparent',
  tracestate: 'tracestate',
  /** On ATTEMPTS: how attempts went, per subscription (AttemptResults), for those who need not know more. */
  results: 'Jethook-Results',
  /** In the calendar: why a delivery was put off that waits neither for its first nor for another attempt. */
  deferred: 'Jethook-Deferred',
  /** Scheduled messages (ADR-51): when to fire, and the subject to fire into. */
  schedule: 'Nats-Schedule',
  scheduleTarget: 'Nats-Schedule-Target',
  /** Optimistic concurrency: the last sequence the writer saw on the subjects that match the filter. */
  expectedLastSequence: 'Nats-Expected-Last-Subject-Sequence',
  expectedLastSequenceSubject: 'Nats-Expected-Last-Subject-Sequence-Subject',
} as const
