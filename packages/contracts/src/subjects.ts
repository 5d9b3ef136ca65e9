/** Every subject of the system. `<event type>` may hold dots and is therefore always the last part. */

export interface TenantAndType {
  readonly tenant: string
  readonly eventType: string
}

export const intakeSubject = (tenant: string, eventType: string): string => `intake.${tenant}.${eventType}`
export const eventSubject = (tenant: string, eventType: string): string => `events.${tenant}.${eventType}`
export const rejectedSubject = (tenant: string, eventType: string): string => `rejected.${tenant}.${eventType}`

/** The tenant and event type of a subject of INTAKE, EVENTS or REJECTED; the event type is '' when it is missing. */
export function parseEventSubject(subject: string): TenantAndType {
  const known = parsedSubjects.get(subject)
  if (known) return known
  const parsed = splitEventSubject(subject)
  if (subject.length > longestKept || parsedSubjects.size === mostKept) return parsed
  const kept = { tenant: copy(parsed.tenant), eventType: copy(parsed.eventType) }
  parsedSubjects.set(subject, kept)
  return kept
}

/**
 * Nearly every message has a subject that was seen before. Its parts, kept, have their hashes already when they are looked up, and are
 * in one piece for JSON: with one of each, half of what taking the subject apart anew comes to. Where there are more subjects,
 * the others are taken apart each time.
 */
const parsedSubjects = new Map<string, TenantAndType>()
const mostKept = 10_000
/** Of a token and of an event type; anybody may publish on longer ones. */
const longestKept = 256
/** Not cut out: see `inOnePiece`. Subjects need not be Latin-1. */
const copy = (text: string): string => Buffer.from(text).toString()

function splitEventSubject(subject: string): TenantAndType {
  const start = subject.indexOf('.') + 1
  const end = subject.indexOf('.', start)
  if (start === 0) return { tenant: '', eventType: '' }
  return end < 0
    ? { tenant: subject.slice(start), eventType: '' }
    : { tenant: subject.slice(start, end), eventType: subject.slice(end + 1) }
}

export type ConfigKind = 'tenant' | 'profile' | 'key' | 'subscription' | 'app'
export const configSubject = (tenant: string, kind: ConfigKind, id: string): string => `config.${tenant}.${kind}.${id}`
/** Everything that was ever decided about one tenant. */
export const configSubjectsOfTenant = (tenant: string): string => `config.${tenant}.>`

/**
 * Where one delivery waits. One entry per subject: a second one replaces the first. The event's sequence in EVENTS is part
 * of it, for an id used again after the deduplication window is another event, whose deliveries have the same ids.
 */
export const calendarSubject = (subscriptionId: string, deliveryId: string, eventSequence: number): string =>
  `deliveries.at.${subscriptionId}.${deliveryId}.${eventSequence}`
/** All that waits for one subscription; purging it cancels it. */
export const calendarSubjectsOf = (subscriptionId: string): string => `deliveries.at.${subscriptionId}.>`
/** Where entries of the calendar fire into when they are due. */
export const dueSubject = (subscriptionId: string): string => `deliveries.due.${subscriptionId}`

/** How far the health of subscriptions was followed in ATTEMPTS, and which were failing there. */
export const healthSubject = 'progress.health'

/** How far the events of one subscription were delivered in order (OrderProgress). */
export const orderSubject = (subscriptionId: string): string => `progress.order.${subscriptionId}`

/** What dispatchers tell each other, on core NATS: nothing is stored, and nothing depends on it being heard. */
export const dispatchersSubject = {
  /** I am here (DispatcherAlive). */
  alive: 'dispatchers.alive',
  /** A receiver asked for a pause (EndpointPaused). */
  paused: 'dispatchers.paused',
  /** To one dispatcher that joined: the same, of before. */
  pausedFor: (dispatcher: string): string => `dispatchers.paused.${dispatcher}`,
  /** To whoever keeps the order of this subscription: there is another event for it. */
  order: (subscriptionId: string): string => `dispatchers.order.${subscriptionId}`,
  /** To the same: the event of this sequence was delivered by a replay, or waits for the attempt of this number. */
  replayed: (subscriptionId: string): string => `dispatchers.replayed.${subscriptionId}`,
  /** To one dispatcher, about turns (TurnMessage). */
  turns: (dispatcher: string): string => `dispatchers.turns.${dispatcher}`,
} as const

/** Outcomes, in micro-batches of one writer. */
export const attemptsSubject = (writer: string): string => `attempts.${writer}`

/** What Jethook tells about a tenant's webhooks. */
export const operationsSubject = (tenant: string, eventType: string): string => `operations.${tenant}.${eventType}`
