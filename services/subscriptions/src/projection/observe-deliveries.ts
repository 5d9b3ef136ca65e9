import type { StoredOutcome } from '@jethook/contracts'
import type { Tracing } from '@jethook/runtime'

/** The last step of each delivery's trace: from being written until it can be seen. A batch that fails leaves no span. */
export function observeDeliveries(tracing: Tracing, outcomes: readonly StoredOutcome[]): () => void {
  const spans = outcomes.flatMap(({ head: { traceparent, deliveryId, outcome } }) =>
    traceparent
      ? [
          tracing.startSpan('project delivery', { traceparent }, () => ({
            'jethook.delivery.id': deliveryId,
            'jethook.outcome': outcome.type,
          })),
        ]
      : [],
  )
  return () => {
    for (const span of spans) span.end()
  }
}
