import { createServer, type IncomingMessage, type Server } from 'node:http'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../infrastructure/index.ts'
import { startPipeline, type Pipeline } from './pipeline.ts'

interface Span {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly attributes: readonly { key: string; value: { stringValue?: string; intValue?: number } }[]
}

let collector: Server
let pipeline: Pipeline
const spans: Span[] = []

/** An OTLP/HTTP endpoint, https://opentelemetry.io/docs/specs/otlp/, as far as traces in JSON go. */
interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: { stringValue?: string } }[] }
    readonly scopeSpans: readonly { readonly spans: readonly Omit<Span, 'service'>[] }[]
  }[]
}

beforeAll(async () => {
  collector = createServer((request, response) => {
    void collect(request).finally(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  const { port } = collector.address() as { port: number }
  pipeline = await startPipeline({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  })
})
afterAll(async () => {
  await pipeline.stop()
  collector.close()
})

async function collect(request: IncomingMessage): Promise<void> {
  const { resourceSpans } = (await json(request)) as ExportRequest
  for (const { resource, scopeSpans } of resourceSpans) {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? ''
    for (const scope of scopeSpans) spans.push(...scope.spans.map((span) => ({ ...span, service })))
  }
}

const clientSpan = 3

test('one trace leads from the producer through ingest, dispatcher and the POST to the projection', async () => {
  const tenant = await pipeline.createTenant()
  const receiver = await pipeline.receiver()
  await tenant.subscribe({ url: `${receiver.url}/?token=secret` })
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const producerSpanId = '00f067aa0ba902b7'
  await tenant.publish('deposit.settled', '{}', { traceparent: `00-${traceId}-${producerSpanId}-01` })
  const [request] = await receiver.waitFor(1)

  const traced = await waitFor(
    () => {
      const own = spans.filter((span) => span.traceId === traceId)
      const services = new Set(own.map(({ service }) => service))
      return services.size === 3 && own.some(({ kind }) => kind === clientSpan) && own
    },
    { what: 'the spans of all services', timeoutMs: 20_000 },
  )
  const spanOf = (service: string, matches: (span: Span) => boolean = () => true): Span => {
    const found = traced.find((span) => span.service === `jethook-${service}` && matches(span))
    if (!found) throw new Error(`No such span of ${service} in ${JSON.stringify(traced)}`)
    return found
  }
  const accepted = spanOf('ingest')
  const delivered = spanOf('dispatcher', ({ kind }) => kind !== clientSpan)
  const posted = spanOf('dispatcher', ({ kind }) => kind === clientSpan)
  const projected = spanOf('subscriptions')

  expect(accepted.parentSpanId).toBe(producerSpanId)
  expect(delivered.parentSpanId).toBe(accepted.spanId)
  expect(posted.parentSpanId).toBe(delivered.spanId)
  expect(projected.parentSpanId).toBe(delivered.spanId)
  const attributes = new Map(posted.attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))
  expect(attributes.get('url.full')).toBe(`${receiver.url}/`)
  expect(attributes.get('http.response.status_code')).toBe(200)
  // The receiver can go on with the trace.
  expect(request?.headers.traceparent).toBe(`00-${traceId}-${posted.spanId}-01`)
})

test('an event published over HTTP goes on with the trace of the request', async () => {
  const tenant = await pipeline.createTenant()
  const receiver = await pipeline.receiver()
  await tenant.subscribe({ url: receiver.url })
  const traceId = '11112222333344445555666677779999'
  const answer = await fetch(`${pipeline.services.ingest.url}/v1/events`, {
    method: 'POST',
    headers: {
      'X-API-Key': tenant.apiKey,
      'Content-Type': 'application/json',
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    },
    body: '{"type":"deposit.settled","payload":{}}',
  })
  expect(answer.status).toBe(202)
  const [request] = await receiver.waitFor(1)
  expect(request?.headers.traceparent).toContain(traceId)
  await waitFor(() => spans.some((span) => span.traceId === traceId && span.parentSpanId === 'b7ad6b7169203331'), {
    what: 'the span of the request',
  })
})

test('no span tells who has a link to a secret', async () => {
  const token = 'whoever-has-this-may-see-the-secret'
  const { url } = pipeline.services.subscriptions
  for (const method of ['GET', 'POST'])
    expect((await fetch(`${url}/secret-links/${token}?a=b`, { method })).status).toBe(404)
  // Spans of one service come in the order in which they end.
  const traceId = '9999888877776666555544443333aaaa'
  await fetch(`${url}/v1/nothing`, { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } })
  await waitFor(() => spans.some((span) => span.traceId === traceId), { what: 'the span of a later request' })
  expect(spans.filter((span) => JSON.stringify(span).includes(token))).toEqual([])
})
