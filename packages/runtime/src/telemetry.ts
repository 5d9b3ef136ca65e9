import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { openTelemetryTracing, type Tracing } from './tracing.ts'

export interface Telemetry {
  readonly tracing: Tracing
  /** Sends what has not been sent yet. */
  stop(): Promise<void>
}

/** What our processes are made of; everything else costs a second of start-up. */
const instrumented = ['http', 'pg', 'pino', 'fastify']

/** Asked every few seconds by whoever watches over the process; or an address that is a secret, which a span would tell. */
const isUntraced = /^\/(healthz|readyz|metrics|secret-links)\b/

/**
 * Traces to the OTLP endpoint, set up by the standard OTEL_* variables. Import this file only when an endpoint is set,
 * and before anything that it instruments.
 */
export function startTelemetry(service: string): Telemetry {
  process.env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] ??= instrumented.join(',')
  process.env['OTEL_METRICS_EXPORTER'] ??= 'none'
  process.env['OTEL_LOGS_EXPORTER'] ??= 'none'
  process.env['OTEL_NODE_RESOURCE_DETECTORS'] ??= 'env,host,process'
  const sdk = new NodeSDK({
    serviceName: `jethook-${service}`,
    instrumentations: [
      getNodeAutoInstrumentations({
        '@opentelemetry/instrumentation-http': { ignoreIncomingRequestHook: ({ url = '' }) => isUntraced.test(url) },
      }),
    ],
  })
  sdk.start()
  return { tracing: openTelemetryTracing(service), stop: () => sdk.shutdown() }
}
