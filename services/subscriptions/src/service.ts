import { createSecretBox, followConfiguration } from '@jethook/configuration'
import { streamDefinitions, StreamName } from '@jethook/contracts'
import { egressOptions } from '@jethook/egress'
import {
  createAskStream,
  createMetrics,
  measureStreams,
  openBroker,
  streamSizes,
  type Environment,
  type Service,
} from '@jethook/runtime'
import { createAppender } from './append/append-decision.ts'
import { caughtUp } from './append/caught-up.ts'
import { createLastEventSequence } from './event-sequence/last-event-sequence.ts'
import { createPurgeCalendar } from './calendar/purge-calendar.ts'
import type { SubscriptionsConfig } from './config.ts'
import { openDatabase } from './database/open-database.ts'
import { createRequireDestinations } from './destination/require-destination.ts'
import { createFindPayload } from './events/find-payload.ts'
import { isDatabaseUp } from './health/is-database-up.ts'
import { createAccess } from './http/access.ts'
import { createApi } from './http/create-api.ts'
import { createShowNewSecret } from './http/show-new-secret.ts'
import { createManageApps } from './manage/manage-apps.ts'
import { createManageSubscriptions } from './manage/manage-subscriptions.ts'
import { createManageWebhooks } from './manage/manage-webhooks.ts'
import { startNotices } from './notify/start-notices.ts'
import { startProjections } from './projection/start-projections.ts'
import { createReadModels } from './read-models/create-read-models.ts'
import { readDeadlineMs } from './read-models/read.ts'
import { createActOnCondition } from './endpoint-health/act-on-condition.ts'
import { watchHealth } from './endpoint-health/watch-health.ts'
import { announceChanges } from './announce/announce-changes.ts'
import { createReplayDelivery } from './replay/replay-delivery.ts'
import { createSecretLinks } from './secret-links/follow-secret-link.ts'
import { createSignals } from './signals.ts'
import { createSendTestEvent } from './test-event/send-test-event.ts'

export interface Subscriptions extends Service {
  /** Where the admin API listens. */
  readonly url: string
}

/** Starts the owner of CONFIG, its projections and the admin API. Waits for NATS, but not for Postgres. */
export async function createSubscriptions(
  config: SubscriptionsConfig,
  { logger, tracing }: Environment,
): Promise<Subscriptions> {
  const metrics = createMetrics()
  const sizes = streamSizes(config)
  const broker = await openBroker({
    url: config.NATS_URL,
    credentialsFile: config.NATS_CREDENTIALS_FILE,
    name: 'jethook-subscriptions',
    streams: streamDefinitions(sizes),
    logger,
  })
  const askStream = createAskStream(broker)
  measureStreams(metrics, askStream, Object.values(StreamName))
  const follower = await followConfiguration(broker, logger)
  const { configuration } = follower

  const database = await openDatabase({ url: config.DATABASE_URL, logger })
  const projections = startProjections({
    broker,
    database,
    logger,
    tracing,
    metrics,
    askStream,
    retentionMs: sizes.retentionMs,
  })
  const readers = await openDatabase({ url: config.DATABASE_URL, logger, statementMs: readDeadlineMs })
  const readModels = createReadModels(readers)
  const findPayload = createFindPayload(broker)

  const { publisher } = broker
  const signals = createSignals({ logger, metrics, isDatabaseUp: () => isDatabaseUp(database) })
  const requireDestinations = createRequireDestinations(egressOptions(config))
  const append = createAppender({ follower, publisher, signals })
  const secretBox = createSecretBox(config.ENCRYPTION_KEYS)
  const deciding = {
    configuration,
    append,
    secretBox,
    retentionMs: sizes.retentionMs,
    lastEventSequence: createLastEventSequence(broker),
  }
  const subscriptions = createManageSubscriptions({
    ...deciding,
    purgeCalendar: createPurgeCalendar(broker, signals),
    requireDestinations,
    secretLinkLifeMs: config.SECRET_LINK_HOURS * 3_600_000,
  })
  const webhooks = createManageWebhooks({ ...deciding, requireDestinations, subscriptions })
  const health = watchHealth({
    broker,
    configuration,
    act: createActOnCondition({ configuration, append, publisher }),
    logger,
  })
  const api = await createApi(
    {
      logger,
      metrics,
      // Without Postgres only logs cannot be read, and every replica would lack it: that is for metrics to tell.
      notReady: () =>
        caughtUp(follower).then(
          () => undefined,
          () => 'NATS',
        ),
    },
    follower,
    {
      access: createAccess(follower, config.OPERATOR_KEY),
      ...deciding,
      subscriptions,
      webhooks,
      apps: createManageApps({ ...deciding, webhooks }),
      secretLinks: createSecretLinks(deciding),
      streakOf: health.streakOf,
      showNewSecret: createShowNewSecret(config.PUBLIC_URL),
      sendTestEvent: createSendTestEvent({ configuration, requireDestinations, publisher, tracing, signals }),
      readModels,
      findPayload,
      replayDelivery: createReplayDelivery({
        broker,
        configuration,
        tracing,
        signals,
        findPayload,
        findDelivery: readModels.deliveryForReplay,
      }),
    },
  )
  const announcing = announceChanges({ broker, follower, logger })
  const { SMTP_URL: smtpUrl, NOTIFY_FROM: from } = config
  const notices = startNotices({
    broker,
    follower,
    logger,
    signals,
    mail: smtpUrl && from ? { smtpUrl, from } : undefined,
  })
  const url = await api.listen({ host: config.HOST, port: config.PORT })

  return {
    url,
    async stop() {
      await api.close()
      await health.stop()
      await announcing.stop()
      await notices.stop()
      await projections.stop()
      await Promise.all([database.close(), readers.close()])
      await follower.stop()
      await broker.close()
    },
  }
}
