import type { Attempt, CalendarEntry, Outcome } from '@jethook/contracts'
import { Counter, Gauge, Histogram, type LineLog, type Registry } from '@jethook/runtime'

/** Every business metric and log line of the dispatcher. */
export interface Signals {
  readonly inFlight: Gauge
  attempted(entry: CalendarEntry, attempt: Attempt, outcome: Outcome): void
}

export function createSignals(registry: Registry, log: LineLog): Signals {
  const registers = [registry]
  const delivered = new Counter({
    name: 'jethook_deliveries_delivered_total',
    help: 'Deliveries that the receiver took.',
    registers,
  })
  const failed = new Counter({
    name: 'jethook_attempts_failed_total',
    help: 'Attempts that were not successful, by the class of the HTTP status, as receivers could choose among 900, or by the error.',
    labelNames: ['reason'],
    registers,
  })
  const retried = new Counter({
    name: 'jethook_deliveries_retried_total',
    help: 'Failed attempts that will be followed by another one.',
    registers,
  })
  const gaveUp = new Counter({
    name: 'jethook_deliveries_given_up_total',
    help: 'Deliveries whose retry schedule is used up.',
    registers,
  })
  const duration = new Histogram({
    name: 'jethook_attempt_duration_seconds',
    help: 'From connecting to the end of the response.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  })
  const latency = new Histogram({
    name: 'jethook_accept_to_delivery_seconds',
    help: 'From accepting the event to the end of its first attempt, when that succeeded.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers,
  })
  const inFlight = new Gauge({ name: 'jethook_attempts_in_flight', help: 'Requests under way.', registers })

  return {
    inFlight,
    attempted(entry, attempt, outcome) {
      const { connection } = attempt
      duration.observe(attempt.durationMs / 1_000)
      if (outcome.type === 'delivered') {
        delivered.inc()
        if (entry.attempt === 1) latency.observe((Date.now() - entry.acceptedAt) / 1_000)
      } else {
        failed.inc({ reason: reasonOf(attempt) })
        if (outcome.type === 'retry') retried.inc()
        else if (outcome.type === 'gave_up') gaveUp.inc()
      }
      log(
        {
          tenant: entry.tenant,
          event_id: entry.eventId,
          event_type: entry.eventType,
          subscription_id: entry.subscriptionId,
          delivery_id: entry.deliveryId,
          attempt_id: attempt.id,
          attempt: attempt.number,
          trigger: attempt.trigger,
          url: withoutQuery(attempt.url),
          outcome: outcome.type,
          next_attempt_at: outcome.type === 'retry' ? outcome.at : undefined,
          status: attempt.response?.status,
          error: attempt.error?.code,
          decision: attempt.decision?.code,
          address: connection?.address ?? undefined,
          connection_reused: connection?.reused,
          token_ms: attempt.tokenMs,
          dns_ms: connection?.dnsMs,
          connect_ms: connection?.connectMs,
          tls_ms: connection?.tlsMs,
          first_byte_ms: connection?.firstByteMs,
          duration_ms: attempt.durationMs,
        },
        'delivery.attempted',
      )
    },
  }
}

function reasonOf({ error, response }: Attempt): string {
  return error?.code ?? `http_${Math.floor((response?.status ?? 0) / 100)}xx`
}

/** Tokens stand in queries; whoever may see those can read them with the attempt. */
export function withoutQuery(url: string): string {
  const at = url.indexOf('?')
  return at < 0 ? url : url.slice(0, at)
}
