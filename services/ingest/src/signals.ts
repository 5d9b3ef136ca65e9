import { parseEventSubject } from '@jethook/contracts'
import { Counter, Histogram, type JsMsg, type Logger, type Registry } from '@jethook/runtime'
import type { Rejection, Submission } from './accept/submission.ts'
import type { IntakeOutcome } from './intake/handle-message.ts'

type Source = 'nats' | 'http'

/** Every business event of ingest: its metric, and its log line. Accepted events are not logged: there are too many. */
export interface Signals {
  intakeSettled(message: JsMsg, outcome: IntakeOutcome): void
  httpAccepted(duplicate: boolean, startedAt: number): void
  httpRejected(submission: Submission, rejection: Rejection): void
}

export function createSignals(registry: Registry, logger: Logger): Signals {
  const registers = [registry]
  const accepted = new Counter({
    name: 'jethook_events_accepted_total',
    help: 'Events appended to EVENTS.',
    labelNames: ['source'],
    registers,
  })
  const duplicates = new Counter({
    name: 'jethook_events_duplicate_total',
    help: 'Events whose id had been accepted before.',
    labelNames: ['source'],
    registers,
  })
  const rejected = new Counter({
    name: 'jethook_events_rejected_total',
    help: 'Events that cannot be accepted.',
    labelNames: ['code'],
    registers,
  })
  const postponed = new Counter({
    name: 'jethook_events_postponed_total',
    help: 'Events left in INTAKE for a while because they could not be stored.',
    labelNames: ['reason'],
    registers,
  })
  const acceptance = new Histogram({
    name: 'jethook_event_acceptance_seconds',
    help: 'From arrival (stored in INTAKE, or the HTTP request) to stored in EVENTS.',
    labelNames: ['source'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  })
  const bySource = (source: Source) => ({
    accepted: accepted.labels(source),
    duplicates: duplicates.labels(source),
    acceptance: acceptance.labels(source),
  })
  const nats = bySource('nats')
  const http = bySource('http')

  const reject = (
    source: Source,
    facts: { tenant: string; eventType: string; bytes: number },
    rejection: Rejection,
  ) => {
    rejected.inc({ code: rejection.code })
    logger.info({ source, ...facts, ...rejection }, 'event.rejected')
  }

  return {
    intakeSettled(message, outcome) {
      switch (outcome.type) {
        case 'accepted':
          if (outcome.duplicate) return nats.duplicates.inc()
          nats.accepted.inc()
          return nats.acceptance.observe(secondsSince(message.info.timestampNanos))
        case 'rejected':
          return reject(
            'nats',
            { ...parseEventSubject(message.subject), bytes: message.data.length },
            outcome.rejection,
          )
        case 'postponed':
          postponed.inc({ reason: outcome.why })
          return logger[outcome.why === 'failed' ? 'error' : 'debug'](
            {
              err: outcome.cause,
              reason: outcome.why,
              subject: message.subject,
              deliveries: message.info.deliveryCount,
            },
            'event.postponed',
          )
      }
    },
    httpAccepted(duplicate, startedAt) {
      if (duplicate) return http.duplicates.inc()
      http.accepted.inc()
      http.acceptance.observe((performance.now() - startedAt) / 1_000)
    },
    httpRejected({ tenant, eventType, payload }, rejection) {
      reject('http', { tenant, eventType, bytes: payload.length }, rejection)
    },
  }
}

/** Clocks of two machines may differ a little. */
const secondsSince = (nanos: number): number => Math.max(0, Date.now() - nanos / 1_000_000) / 1_000
