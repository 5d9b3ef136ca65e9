import { parseEventSubject, problems, type ProblemCode, type ProblemError } from '@jethook/contracts'
import { Counter, Histogram, type JsMsg, type Logger, type Registry } from '@jethook/runtime'
import type { IntakeOutcome } from './intake/handle-message.ts'

type Source = 'nats' | 'http'

/** Every business event of ingest: its metric, and its log line. Accepted events are not logged: there are too many. */
export interface Signals {
  intakeSettled(message: JsMsg, outcome: IntakeOutcome): void
  httpAccepted(duplicate: boolean, startedAt: number): void
  httpFailed(tenant: string, problem: ProblemError): void
}

const warnEveryMs = 10_000

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
    help: 'Events that could not be stored: left in INTAKE for a while, or answered with 503.',
    labelNames: ['source', 'reason'],
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

  const reject = (code: ProblemCode, facts: object) => {
    rejected.inc({ code })
    logger.info({ code, ...facts }, 'event.rejected')
  }
  const warnedAt = new Map<string, number>()
  const postpone = (source: Source, reason: string, facts: object) => {
    postponed.inc({ source, reason })
    // What holds up one event holds up thousands: a line for one of them now and then is enough.
    const isDue = performance.now() - (warnedAt.get(reason) ?? -Infinity) > warnEveryMs
    if (isDue) warnedAt.set(reason, performance.now())
    const level = reason === 'failed' ? 'error' : isDue ? 'warn' : 'debug'
    logger[level]({ source, reason, ...facts }, 'event.postponed')
  }

  return {
    intakeSettled(message, outcome) {
      switch (outcome.type) {
        case 'accepted':
          if (outcome.duplicate) return nats.duplicates.inc()
          nats.accepted.inc()
          return nats.acceptance.observe(secondsSince(outcome.arrivedAtMs))
        case 'rejected':
          return reject(outcome.rejection.code, {
            source: 'nats',
            ...parseEventSubject(message.subject),
            bytes: message.data.length,
            reason: outcome.rejection.reason,
          })
        case 'postponed':
          return postpone('nats', outcome.why, {
            subject: message.subject,
            deliveries: message.info.deliveryCount,
            err: outcome.cause,
          })
      }
    },
    httpAccepted(duplicate, startedAt) {
      if (duplicate) return http.duplicates.inc()
      http.accepted.inc()
      http.acceptance.observe((performance.now() - startedAt) / 1_000)
    },
    httpFailed(tenant, problem) {
      const { code, message: reason } = problem
      if (problems[code][0] >= 500) postpone('http', code, { tenant, err: problem })
      else reject(code, { source: 'http', tenant, reason })
    },
  }
}

/** Clocks of two machines may differ a little. */
const secondsSince = (timeMs: number): number => Math.max(0, Date.now() - timeMs) / 1_000
