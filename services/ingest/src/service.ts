import type { AddressInfo } from 'node:net'
import { followConfiguration } from '@jethook/configuration'
import { intakeConsumer, streamDefinitions } from '@jethook/contracts'
import {
  createHttpServer,
  createMetrics,
  measureLag,
  openBroker,
  SettingsError,
  streamSizes,
  type Environment,
  type Service,
} from '@jethook/runtime'
import type { IngestConfig } from './config.ts'
import { addPublishRoutes } from './http/publish-routes.ts'
import { consumeIntake } from './intake/consume-intake.ts'
import { createSignals } from './signals.ts'

export interface Ingest extends Service {
  readonly port: number
}

/** Starts ingest: INTAKE and HTTP in, EVENTS and REJECTED out. */
export async function createIngest(
  config: IngestConfig,
  { logger, tracing }: Environment,
  { now = Date.now }: { readonly now?: () => number } = {},
): Promise<Ingest> {
  const broker = await openBroker({
    url: config.NATS_URL,
    credentialsFile: config.NATS_CREDENTIALS_FILE,
    name: 'jethook-ingest',
    logger,
    streams: streamDefinitions(streamSizes(config)),
  })
  const misfit = misfitOf(config.EVENT_MAX_BYTES, broker.connection.info?.max_payload ?? 0)
  if (misfit) {
    await broker.close()
    throw new SettingsError(misfit)
  }
  const follower = await followConfiguration(broker, logger)

  const metrics = createMetrics()
  measureLag(metrics, broker, [intakeConsumer])
  const signals = createSignals(metrics, logger)
  const accepting = { broker, tracing, maxPayloadBytes: config.EVENT_MAX_BYTES, now }

  const http = await createHttpServer({
    logger,
    metrics,
    notReady: () => {
      if (!broker.connected()) return 'nats'
      return follower.ready ? undefined : 'configuration'
    },
    reference: { title: 'Jethook ingest', description: 'Publish events over HTTP.' },
  })
  addPublishRoutes(http, follower, { ...accepting, configuration: follower.configuration, signals })
  await http.listen({ host: config.HOST, port: config.PORT })
  const intake = consumeIntake({ ...accepting, follower }, signals, logger)

  return {
    port: (http.server.address() as AddressInfo).port,
    async stop() {
      await Promise.all([intake.stop(), http.close()])
      await follower.stop()
      await broker.close()
    },
  }
}

/** What our headers take in a message, at most. */
const headerRoomBytes = 8_192

function misfitOf(maxPayloadBytes: number, maxMessageBytes: number): string | undefined {
  if (maxPayloadBytes + headerRoomBytes <= maxMessageBytes) return undefined
  return `EVENT_MAX_BYTES=${maxPayloadBytes} does not fit the messages of this NATS server: lower it to ${maxMessageBytes - headerRoomBytes}, or raise max_payload (${maxMessageBytes}) there.`
}
