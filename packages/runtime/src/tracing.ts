import {
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api'

/** W3C Trace Context as it travels in message headers. */
export interface TraceContext {
  readonly traceparent?: string | undefined
  readonly tracestate?: string | undefined
}

// https://www.w3.org/TR/trace-context/#traceparent-header, versions to come included, and what a header may hold.
const traceparentForm = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[\x21-\x7e]{0,64})?$/
const tracestateForm = /^[\x20-\x7e]{1,512}$/

/** A trace context from outside. What is not well formed is left out, as it could not be sent on. */
export function readTraceContext(traceparent: string | undefined, tracestate: string | undefined): TraceContext {
  if (!traceparent || !traceparentForm.test(traceparent)) return {}
  return tracestate && tracestateForm.test(tracestate) ? { traceparent, tracestate } : { traceparent }
}

export interface ActiveSpan {
  /** What to hand on: children made from it belong to this span. */
  readonly traceContext: TraceContext
  /** A part of it, in this process; none where this one is not recorded. */
  startChild(name: string, attributes?: () => Attributes, kind?: SpanKind): ActiveSpan
  /** `attributes`: what is known only now. */
  end(failure?: string, attributes?: Attributes): void
}

/** Makes spans where telemetry is on. Where it is off it costs nothing and hands the producer's context on unchanged. */
export interface Tracing {
  readonly enabled: boolean
  /** Attributes are asked for only when there is a span to have them. */
  startSpan(name: string, parent: TraceContext, attributes?: () => Attributes, kind?: SpanKind): ActiveSpan
}

export const noTracing: Tracing = {
  enabled: false,
  startSpan: (_name, parent) => new NoSpan(parent),
}

class NoSpan implements ActiveSpan {
  readonly traceContext: TraceContext

  constructor(traceContext: TraceContext) {
    this.traceContext = traceContext
  }

  startChild(): ActiveSpan {
    return this
  }

  end(): void {}
}

export function openTelemetryTracing(service: string): Tracing {
  const tracer = trace.getTracer(`jethook.${service}`)
  return {
    enabled: true,
    startSpan(name, parent, attributes, kind = SpanKind.INTERNAL) {
      const parentContext = propagation.extract(context.active(), withoutUndefined(parent))
      const span = tracer.startSpan(name, { kind }, parentContext)
      // Whoever comes next learns from the parent's context, too, that nothing is recorded.
      if (!span.isRecording() && parent.traceparent) return new NoSpan(parent)
      return activeSpan(tracer, span, parentContext, attributes)
    },
  }
}

function activeSpan(tracer: Tracer, span: Span, parent: Context, attributes?: () => Attributes): ActiveSpan {
  const own = trace.setSpan(parent, span)
  const traceContext: Record<string, string> = {}
  propagation.inject(own, traceContext)
  if (!span.isRecording()) return new NoSpan(traceContext)
  if (attributes) span.setAttributes(attributes())
  return {
    traceContext,
    startChild: (name, ofChild, kind = SpanKind.INTERNAL) =>
      activeSpan(tracer, tracer.startSpan(name, { kind }, own), own, ofChild),
    end(failure, known) {
      if (known) span.setAttributes(known)
      if (failure) span.setStatus({ code: SpanStatusCode.ERROR, message: failure })
      span.end()
    },
  }
}

function withoutUndefined(fields: TraceContext): Record<string, string> {
  return {
    ...(fields.traceparent && { traceparent: fields.traceparent }),
    ...(fields.tracestate && { tracestate: fields.tracestate }),
  }
}
