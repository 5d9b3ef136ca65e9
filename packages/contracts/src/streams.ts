/** The streams and durable consumers of the system, declared once and created or updated at start by whoever needs them. */

/** What an operator may size. Durations in milliseconds, sizes in bytes. */
export interface StreamSizes {
  /** Copies of every stream: 1, 3 or 5. */
  readonly replicas: number
  /** How long events, outcomes and rejected events are kept; longer than any retry schedule. */
  readonly retentionMs: number
  /** How long an event's id is remembered: the same id again within this time is the same event. */
  readonly deduplicationWindowMs: number
  readonly intakeMaxBytes: number
  readonly eventsMaxBytes: number
  readonly attemptsMaxBytes: number
  readonly rejectedMaxBytes: number
}

export interface StreamDefinition {
  readonly name: string
  readonly description: string
  readonly subjects: readonly string[]
  readonly retention: 'limits' | 'workqueue'
  readonly replicas: number
  readonly discard?: 'old' | 'new'
  readonly maxAgeMs?: number
  readonly maxBytes?: number
  readonly deduplicationWindowMs?: number
  /** Messages may be scheduled (server 2.12 or newer). */
  readonly schedules?: boolean
  /** Only so many are kept of each subject, the latest ones. */
  readonly maxMessagesPerSubject?: number
  /** Messages of another stream flow in, as far as they match the filter. */
  readonly source?: { readonly stream: string; readonly filter: string }
}

export interface ConsumerDefinition {
  readonly stream: string
  readonly name: string
  readonly description: string
  readonly filter: string
  /**
   * Messages in hand over all processes that share the consumer: its flow control, and the bound of their memory, as each
   * message may be as large as the broker takes.
   */
  readonly maxInFlight: number
  /** A message neither acknowledged nor reported as in progress for this long belonged to a process that died. */
  readonly ackWaitMs: number
  /** Redelivery delays after such time-outs; the last one repeats. */
  readonly backoffMs: readonly number[]
  /** Whether it begins with what arrives after it was made; else with all that is there. */
  readonly onlyNew?: boolean
}

export const StreamName = {
  intake: 'INTAKE',
  events: 'EVENTS',
  deliveries: 'DELIVERIES',
  attempts: 'ATTEMPTS',
  config: 'CONFIG',
  rejected: 'REJECTED',
  operations: 'OPERATIONS',
  progress: 'PROGRESS',
} as const

export function streamDefinitions(sizes: StreamSizes): readonly StreamDefinition[] {
  const { replicas, retentionMs: maxAgeMs } = sizes
  return [
    {
      name: StreamName.config,
      description: 'Domain events: tenants, API keys, subscriptions, secrets. Kept for ever.',
      subjects: ['config.>'],
      retention: 'limits',
      replicas,
    },
    {
      name: StreamName.rejected,
      description: 'Events that failed validation, with the reason.',
      subjects: ['rejected.>'],
      retention: 'limits',
      discard: 'old',
      maxAgeMs,
      maxBytes: sizes.rejectedMaxBytes,
      replicas,
    },
    {
      name: StreamName.events,
      description: 'Accepted events, the payload byte for byte. A full stream refuses, it never forgets.',
      subjects: ['events.>'],
      retention: 'limits',
      discard: 'new',
      maxAgeMs,
      maxBytes: sizes.eventsMaxBytes,
      deduplicationWindowMs: sizes.deduplicationWindowMs,
      replicas,
    },
    {
      name: StreamName.intake,
      description: 'What producers published, before validation.',
      subjects: ['intake.>'],
      retention: 'workqueue',
      discard: 'new',
      maxBytes: sizes.intakeMaxBytes,
      replicas,
      // JetStream deduplicates a stream by Nats-Msg-Id alone and cannot be told to leave that off, except on a stream
      // that has a source. Here it must be off: two tenants may use the same id, and the second one's event would be
      // acknowledged as a duplicate and dropped. Deduplication is EVENTS' work, where ids are scoped by tenant.
      // The filter matches nothing, so nothing ever flows in.
      source: { stream: StreamName.rejected, filter: 'rejected.no-tenant-has-this-name_.none' },
    },
    {
      name: StreamName.deliveries,
      description: 'The calendar: deliveries that cannot be attempted right now.',
      subjects: ['deliveries.>'],
      retention: 'workqueue',
      schedules: true,
      // No limits, on purpose: they would delete pending schedules silently.
      replicas,
    },
    {
      name: StreamName.attempts,
      description: 'What happened: outcomes of deliveries, in micro-batches.',
      subjects: ['attempts.>'],
      retention: 'limits',
      discard: 'old',
      maxAgeMs,
      maxBytes: sizes.attemptsMaxBytes,
      replicas,
    },
    {
      name: StreamName.operations,
      description: 'What happened to webhooks, for those who run them: disabled, enabled, failing.',
      subjects: ['operations.>'],
      retention: 'limits',
      discard: 'old',
      maxAgeMs,
      maxBytes: operationsMaxBytes,
      deduplicationWindowMs: sizes.deduplicationWindowMs,
      replicas,
    },
    {
      name: StreamName.progress,
      description: 'How far things are that must go on where they were: the latest word of each.',
      subjects: ['progress.>'],
      retention: 'limits',
      maxMessagesPerSubject: 1,
      replicas,
    },
  ]
}

/** Some hundred bytes each, a handful per failing webhook. */
const operationsMaxBytes = 256 * 1_048_576

export const intakeConsumer: ConsumerDefinition = {
  stream: StreamName.intake,
  name: 'ingest',
  description: 'Validates what producers published.',
  filter: 'intake.>',
  maxInFlight: 500,
  // Twice what handling takes when NATS is slow. Handling one twice does no harm: EVENTS recognises it.
  ackWaitMs: 15_000,
  backoffMs: [15_000],
}

/**
 * How long the work of a dispatcher that died stays undone. One that is alive says of each message that it is still
 * in progress, several times in this span, so that an attempt may take longer.
 */
const deliveryAckWaitMs = 20_000

export const eventsConsumer: ConsumerDefinition = {
  stream: StreamName.events,
  name: 'dispatcher',
  description: 'Fans events out to subscriptions.',
  filter: 'events.>',
  // Of all dispatchers together. How much each takes is up to the room that it has.
  maxInFlight: 20_000,
  ackWaitMs: deliveryAckWaitMs,
  backoffMs: [deliveryAckWaitMs],
}

export const dueConsumer: ConsumerDefinition = {
  stream: StreamName.deliveries,
  name: 'dispatcher',
  description: 'Attempts deliveries whose time has come.',
  filter: 'deliveries.due.*',
  // Of all dispatchers together. How many each takes is its own affair.
  maxInFlight: 20_000,
  ackWaitMs: deliveryAckWaitMs,
  backoffMs: [deliveryAckWaitMs],
}

export const noticeConsumer: ConsumerDefinition = {
  stream: StreamName.operations,
  name: 'notice',
  description: 'Delivers what happened to webhooks as a webhook.',
  filter: 'operations.>',
  maxInFlight: 500,
  ackWaitMs: 30_000,
  backoffMs: [30_000],
}

/** Changes of subscriptions, told to those who run them. */
export const changesConsumer: ConsumerDefinition = {
  stream: StreamName.config,
  name: 'operations',
  description: 'Tells in OPERATIONS which webhooks were disabled and enabled.',
  filter: 'config.*.subscription.*',
  maxInFlight: 100,
  ackWaitMs: 30_000,
  backoffMs: [30_000],
}

/** Only where mail is set up: it begins when that is done for the first time, not with what happened before. */
export const mailConsumer: ConsumerDefinition = {
  stream: StreamName.operations,
  name: 'mail',
  description: 'Sends what happened to webhooks by mail.',
  filter: 'operations.>',
  maxInFlight: 20,
  ackWaitMs: 60_000,
  backoffMs: [60_000],
  onlyNew: true,
}
