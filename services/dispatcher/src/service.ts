import { setTimeout as delay } from 'node:timers/promises'
import { createSecretBox, followConfiguration, type Subscription } from '@jethook/configuration'
import { createId, dueConsumer, eventsConsumer, streamDefinitions, type DomainEvent } from '@jethook/contracts'
import { createEgressAgents, egressOptions } from '@jethook/egress'
import {
  createHttpServer,
  createLineLog,
  createMetrics,
  measureLag,
  openBroker,
  streamSizes,
  type Environment,
  type Service,
} from '@jethook/runtime'
import { createAccessTokens } from './access-tokens/access-tokens.ts'
import { createPostToEndpoint } from './attempt/post-to-endpoint.ts'
import type { DispatcherConfig } from './config.ts'
import { createBringForward } from './calendar/bring-forward.ts'
import { isAnotherEndpoint, letsMoreThrough } from './calendar/lets-more-through.ts'
import { watchChanges } from './calendar/watch-changes.ts'
import { acceptedEvent } from './deliver/accepted-event.ts'
import { consumeMessages } from './deliver/consume-messages.ts'
import { createDeliver } from './deliver/deliver.ts'
import { deliverDue } from './deliver/deliver-due.ts'
import { deliverEvent } from './deliver/deliver-event.ts'
import { Room } from './deliver/room.ts'
import { createReadEvent } from './deliver/read-event.ts'
import { createEnterLanes } from './kept-lanes/enter-lanes.ts'
import { createTurnMessages } from './kept-lanes/turn-messages.ts'
import { Capacity } from './lanes/capacity.ts'
import { createLanes } from './lanes/lanes.ts'
import { createPrepareSubscription } from './match/prepare-subscription.ts'
import { createWhyNot } from './match/why-not.ts'
import { createOrderKeepers } from './ordered/order-keepers.ts'
import { createEventReader } from './ordered/read-events.ts'
import { joinPeers } from './peers/join-peers.ts'
import { createOutcomeRecorder } from './outcomes/record-outcomes.ts'
import { createStoreMessage } from './outcomes/store-message.ts'
import { storeTogether } from './outcomes/store-together.ts'
import { createSignals } from './signals.ts'

/** After the time for what was under way. */
const closeWithinMs = 500

/** Starts a dispatcher: EVENTS and DELIVERIES in, signed POSTs out, outcomes to ATTEMPTS. */
export async function createDispatcher(
  config: DispatcherConfig,
  { logger, tracing }: Environment,
): Promise<Service & { readonly port: number }> {
  const broker = await openBroker({
    url: config.NATS_URL,
    credentialsFile: config.NATS_CREDENTIALS_FILE,
    name: 'jethook-dispatcher',
    logger,
    streams: streamDefinitions(streamSizes(config)),
  })
  const metrics = createMetrics()
  const signals = createSignals(metrics, createLineLog(logger))
  measureLag(metrics, broker, [eventsConsumer, dueConsumer])

  let onChange: (event: DomainEvent) => void = () => undefined
  let recall: (subscriptionId: string) => void = () => undefined
  const follower = await followConfiguration(broker, logger, (event) => onChange(event))
  const { configuration } = follower
  const store = createStoreMessage(broker.publisher, logger)
  const id = createId('dsp', Date.now())
  const outcomes = createOutcomeRecorder(store, id, broker.connection.info?.max_payload ?? 1_048_576)
  const peers = joinPeers({
    broker,
    id,
    logger,
    configuration,
    onPause: ({ tenant, subscriptionId, forMs }) => lanes.pause({ id: subscriptionId, tenant }, forMs),
    onJoined: (dispatcher) =>
      lanes.tellPauses(({ id: subscriptionId, tenant }, forMs) =>
        peers.tellPause(tenant, subscriptionId, forMs, dispatcher),
      ),
  })
  // Beside those under way as many wait for their turn, which is never far.
  const room = new Room(2 * config.MAX_IN_FLIGHT, () => events.resume())
  const lanes = createLanes({
    now: () => performance.now(),
    random: Math.random,
    capacity: new Capacity(config.MAX_IN_FLIGHT),
    team: () => peers.team,
    keeps: peers.owns,
    isCrowded: (tenant) => room.isCrowded(tenant),
    recovered: (subscription) => {
      bringForward(subscription)
      recall(subscription.id)
    },
    paused: ({ id: subscriptionId, tenant }, forMs) => peers.tellPause(tenant, subscriptionId, forMs),
  })
  const prepare = createPrepareSubscription(configuration, createSecretBox(config.ENCRYPTION_KEYS))
  const bringForward = createBringForward({ broker, configuration, lanes, prepare, logger })
  // A connection that is kept for a receiver's next delivery costs less than making it anew.
  const maxConnections = config.MAX_CONNECTIONS ?? 2 * config.MAX_IN_FLIGHT
  const agents = createEgressAgents({ ...egressOptions(config), maxConnections })
  const whyNot = createWhyNot(configuration)
  const post = createPostToEndpoint(
    agents,
    createAccessTokens(() => performance.now()),
  )
  const readEvent = createReadEvent(broker, logger)
  const current = ({ tenant, id: subscriptionId }: Subscription) => configuration.subscription(tenant, subscriptionId)
  const attempting = { post, whyNot, current, tracing, signals }
  const isCrowded = (tenant: string): boolean => room.isCrowded(tenant)
  const { caughtUp, upToDate } = follower
  const hearing = { messages: createTurnMessages(broker, id), connected: () => broker.connected(), upToDate }
  const enterLanes = createEnterLanes({ ...hearing, configuration, lanes, peers, id, prepare, isCrowded, logger })
  await peers.introduce()
  const delivering = { ...attempting, prepare, lanes: enterLanes, outcomes, logger }
  const deliver = createDeliver({
    ...delivering,
    store: storeTogether(store),
    replayed: (...replay) => orderKeepers.replayed(...replay),
  })
  const orderKeepers = createOrderKeepers({
    ...delivering,
    store,
    deliver,
    broker,
    configuration,
    peers,
    id,
    readEvent,
    lives: peers.knows,
    readEvents: createEventReader({
      broker,
      configSequence: () => configuration.sequence,
      upToDate,
    }),
  })
  recall = orderKeepers.recall
  onChange = (event) => {
    orderKeepers.changed(event)
    if (!letsMoreThrough(event)) return
    lanes.forgetTurns(event.subscriptionId)
    if (isAnotherEndpoint(event)) lanes.forgetEndpoint(event.subscriptionId)
    recall(event.subscriptionId)
    changes.changed({ id: event.subscriptionId, tenant: event.tenant })
  }
  const changes = watchChanges({ configuration, peers, bringForward })
  const due = { configuration, deliver, readEvent }
  const events = consumeMessages(eventsConsumer, {
    broker,
    logger,
    changesAreKnown: upToDate,
    read: acceptedEvent,
    // Ingest knew all that counted when it accepted the event: nobody need ask CONFIG's leader again.
    isCurrent: ({ configSequence }) => configSequence !== undefined && configSequence <= configuration.sequence,
    isFull: () => room.isFull,
    handle: (event) => deliverEvent({ configuration, whyNot, deliver, inOrder: orderKeepers.nudge, room }, event),
  })
  const consumptions = [
    events,
    consumeMessages(dueConsumer, {
      broker,
      logger,
      changesAreKnown: caughtUp,
      // At least as many as may be attempted at a time: slow and unknown endpoints hold half of those at most.
      maxInHand: Math.max(2_000, config.MAX_IN_FLIGHT),
      read: (message) => message,
      isCurrent: () => false,
      handle: (message) => deliverDue(due, message),
    }),
  ]

  const http = await createHttpServer({
    logger,
    metrics,
    notReady: () => {
      if (!broker.connected()) return 'nats'
      return consumptions.every((consumption) => consumption.working()) ? undefined : 'streams'
    },
  })
  await http.listen({ host: config.HOST, port: config.PORT })

  return {
    port: (http.server.address() as { port: number }).port,
    async stop() {
      // Those who wait for their turn go to the calendar; those under way are finished, ordered or not, at the same time.
      changes.stop()
      bringForward.stop()
      lanes.stop()
      enterLanes.stop()
      // Only then may others take over what is in order. Until then they ask here for turns of the lanes that are kept here.
      const handedOver = orderKeepers.stop().then(() => {
        enterLanes.stopLending()
        return peers.leave()
      })
      await Promise.all([handedOver, ...consumptions.map((consumption) => consumption.stop())])
      await outcomes.flush()
      await follower.stop()
      await http.close()
      // What is under way still would keep its connection open for as long as its receiver takes.
      await Promise.race([agents.close(), delay(closeWithinMs, undefined, { ref: false })])
      await broker.close()
    },
  }
}
