import { readTraceContext, type TraceContext } from '@jethook/runtime'

/** W3C Trace Context of a request, for spans and for messages that come of it. */
export function traceContextOf({
  headers,
}: {
  readonly headers: Record<string, string | string[] | undefined>
}): TraceContext {
  const { traceparent, tracestate } = headers
  return readTraceContext(onlyText(traceparent), onlyText(tracestate))
}

const onlyText = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined
