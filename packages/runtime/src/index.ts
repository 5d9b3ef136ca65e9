export {
  commonSettings,
  portSetting,
  readSettings,
  SettingsError,
  streamSizes,
  type CommonSettings,
} from './settings.ts'
export { giveWay } from './give-way.ts'
export { createLogger, type Logger } from './logger.ts'
export { TransientMap, TransientSet } from './transient.ts'
export { createLineLog, type LineLog } from './line-log.ts'
export type { Telemetry } from './telemetry.ts'
export { runProcess, type Environment, type Service } from './run-process.ts'
export { SpanKind, type Attributes } from '@opentelemetry/api'
export { noTracing, readTraceContext, type ActiveSpan, type TraceContext, type Tracing } from './tracing.ts'
export { openBroker, type Broker } from './nats/broker.ts'
export { consumeShared, readStream, type Consumption, type HeldConsumption } from './nats/consume.ts'
// What handlers of messages see of the client, so that services need not depend on it.
export { headers, type MsgHdrs } from '@nats-io/transport-node'
export type { JsMsg, StoredMsg } from '@nats-io/jetstream'
export { readBatch, readLatest, type BatchQuery } from './nats/read-batch.ts'
export { messageHeaders } from './nats/message-headers.ts'
export { readHeaders, type ReadableHeaders } from './nats/read-headers.ts'
export { placeOf, sequenceOf, type Place } from './nats/place-of.ts'
export { createPublisher, PublishError, type Publisher, type PublishErrorCode, type Stored } from './nats/publisher.ts'
export { createHttpServer, type HttpServer, type HttpServerOptions } from './http/server.ts'
export { brokerProblem } from './http/problems.ts'
export {
  Counter,
  createAskStream,
  createMetrics,
  Gauge,
  Histogram,
  measureLag,
  measureStreams,
  Registry,
  type AskStream,
} from './metrics.ts'
