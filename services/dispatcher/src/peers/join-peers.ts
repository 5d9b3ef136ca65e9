import { setTimeout as delay } from 'node:timers/promises'
import type { Configuration } from '@jethook/configuration'
import { DispatcherAlive, dispatchersSubject, EndpointPaused } from '@jethook/contracts'
import type { Broker, Logger } from '@jethook/runtime'
import { KnownPeers, type Team } from './known-peers.ts'
import { listen } from './listen.ts'
import { ownerOf } from './owner-of.ts'

/** The other dispatchers, as far as they can be heard. */
export interface Peers {
  /** From now on they count on this one: it must be able to hear them. Resolves when it knows them. */
  introduce(): Promise<void>
  /** How many dispatchers share the work, this one included, and since when, by `performance.now()`. */
  readonly team: Team
  /** Whether a dispatcher lives, as far as can be heard. */
  knows(dispatcher: string): boolean
  /** Whether it said that it leaves, and may have attempts under way still. */
  isFinishing(dispatcher: string): boolean
  /** The dispatcher that is to do what only one should. */
  ownerOf(key: string): string
  /** Whether that is this one. */
  owns(key: string): boolean
  /** Tells the others, or only one of them, that a receiver asked to be left alone for so long. */
  tellPause(tenant: string, subscriptionId: string, forMs: number, only?: string): void
  leave(): Promise<void>
}

export interface PeersOptions {
  readonly broker: Broker
  /** Of this dispatcher. */
  readonly id: string
  readonly logger: Logger
  readonly configuration: Pick<Configuration, 'subscription'>
  /** Another dispatcher's receiver asked to be left alone, and it is the present one of its subscription. */
  readonly onPause: (paused: EndpointPaused) => void
  /** There is one more, which knows of no pauses. */
  readonly onJoined: (dispatcher: string) => void
}

const heartbeatMs = 1_000
/** Those who live answer a newcomer at once: after so long it knows them. */
const introductionMs = 200

/**
 * Each dispatcher says every second that it lives, on core NATS, and counts those it hears. That is all there is to
 * sharing limits: nobody leads, and for as long as two disagree (a second or so) a limit is a bit too wide or narrow.
 */
export function joinPeers({ broker, id, logger, configuration, onPause, onJoined }: PeersOptions): Peers {
  const { connection } = broker
  const known = new KnownPeers()
  const say = (leaving: boolean): void => {
    if (broker.connected()) connection.publish(dispatchersSubject.alive, JSON.stringify({ id, leaving }))
  }
  const activeSince = (tenant: string, subscriptionId: string): number | undefined =>
    configuration.subscription(tenant, subscriptionId)?.activeSince
  const isOfAnotherEndpoint = ({ tenant, subscriptionId, activeSince: since }: EndpointPaused): boolean =>
    since !== undefined && since !== activeSince(tenant, subscriptionId)
  const hearPause = (message: EndpointPaused): void => {
    if (message.id !== id && !isOfAnotherEndpoint(message)) onPause(message)
  }
  /** Those who answer until then were here before this one. */
  let isIntroduced = false
  const listening = [
    listen(broker, dispatchersSubject.alive, DispatcherAlive, (message) => {
      if (message.id === id) return
      if (message.leaving) known.left(message.id, performance.now())
      else if (known.heard(message.id, performance.now())) {
        logger.info({ dispatcher: message.id, dispatchers: known.team.count }, 'dispatcher.joined')
        say(false)
        if (isIntroduced) onJoined(message.id)
      }
    }),
    listen(broker, dispatchersSubject.paused, EndpointPaused, hearPause),
    listen(broker, dispatchersSubject.pausedFor(id), EndpointPaused, hearPause),
  ]
  let lastTick = performance.now()
  const beat = (): void => {
    const now = performance.now()
    // This process slept, or NATS was away: what was said meanwhile is still to be heard.
    if (now - lastTick > 2 * heartbeatMs || !broker.connected()) known.excuseSilence(now)
    lastTick = now
    say(false)
    known.forgetSilent(now)
  }
  let heartbeat: NodeJS.Timeout | undefined

  return {
    async introduce() {
      lastTick = performance.now()
      heartbeat = setInterval(beat, heartbeatMs)
      say(false)
      await connection.flush()
      await delay(introductionMs)
      isIntroduced = true
    },
    get team() {
      return known.team
    },
    knows: (dispatcher) => dispatcher === id || known.ids().includes(dispatcher),
    isFinishing: (dispatcher) => known.isFinishing(dispatcher),
    ownerOf: (key) => ownerOf(key, [id, ...known.ids()]) ?? id,
    owns: (key) => ownerOf(key, [id, ...known.ids()]) === id,
    tellPause(tenant, subscriptionId, forMs, only) {
      if (!broker.connected()) return
      const paused = { id, tenant, subscriptionId, forMs, activeSince: activeSince(tenant, subscriptionId) }
      const subject = only === undefined ? dispatchersSubject.paused : dispatchersSubject.pausedFor(only)
      connection.publish(subject, JSON.stringify(paused satisfies EndpointPaused))
    },
    async leave() {
      clearInterval(heartbeat)
      for (const stop of listening) stop()
      say(true)
    },
  }
}
