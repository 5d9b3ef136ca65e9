import type { TraceContext } from '@jethook/runtime'

/** W3C Trace Context of a request, for spans and for messages that come of it. */
export function traceContextOf({
  headers,
}: {
  readonly headers: Record<string, string | string[] | undefined>
}): TraceContext {
  const { traceparent, tracestate } = headers
  return {
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    tracestate: typeof tracestate === 'string' ? tracestate : undefined,
  }
}
