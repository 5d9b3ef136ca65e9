import { setTimeout as delay } from 'node:timers/promises'
import { DispatcherAlive, dispatchersSubject, EndpointPaused } from '@jethook/contracts'
import type { Broker, Logger } from '@jethook/runtime'
import type { z } from 'zod'
import { KnownPeers } from './known-peers.ts'
import { ownerOf } from './owner-of.ts'

/** The other dispatchers, as far as they can be heard. */
export interface Peers {
  /** How many dispatchers share the work, this one included. */
  readonly count: number
  /** Whether a dispatcher lives, as far as can be heard. */
  knows(dispatcher: string): boolean
  /** Whether this dispatcher is the one to do what only one should. */
  owns(key: string): boolean
  /** Tells the others that a receiver asked to be left alone until then, milliseconds since the epoch. */
  tellPause(tenant: string, subscriptionId: string, until: number): void
  leave(): Promise<void>
}

export interface PeersOptions {
  readonly broker: Broker
  /** Of this dispatcher. */
  readonly id: string
  readonly logger: Logger
  /** Another dispatcher's receiver asked to be left alone. */
  readonly onPause: (paused: EndpointPaused) => void
}

const heartbeatMs = 1_000
/** Those who live answer a newcomer at once: after so long it knows them. */
const introductionMs = 200

/**
 * Each dispatcher says every second that it lives, on core NATS, and counts those it hears. That is all there is to
 * sharing limits: nobody leads, and for as long as two disagree (a second or so) a limit is a bit too wide or narrow.
 */
export async function joinPeers({ broker, id, logger, onPause }: PeersOptions): Promise<Peers> {
  const { connection } = broker
  const known = new KnownPeers()
  const say = (leaving: boolean): void => {
    if (broker.connected()) connection.publish(dispatchersSubject.alive, JSON.stringify({ id, leaving }))
  }
  const subscriptions = [
    listen(dispatchersSubject.alive, DispatcherAlive, (message) => {
      if (message.id === id) return
      if (message.leaving) known.left(message.id)
      else if (known.heard(message.id, performance.now())) {
        logger.info({ dispatcher: message.id, dispatchers: known.size + 1 }, 'dispatcher.joined')
        say(false)
      }
    }),
    listen(dispatchersSubject.paused, EndpointPaused, (message) => {
      if (message.id !== id) onPause(message)
    }),
  ]
  function listen<T>(subject: string, schema: z.ZodType<T>, handle: (message: T) => void) {
    return connection.subscribe(subject, {
      callback: (error, message) => {
        const parsed = error ? undefined : schema.safeParse(readJson(message.string()))
        if (parsed?.success) handle(parsed.data)
      },
    })
  }

  let lastTick = performance.now()
  const heartbeat = setInterval(() => {
    const now = performance.now()
    // This process slept, or NATS was away: what was said meanwhile is still to be heard.
    if (now - lastTick > 2 * heartbeatMs || !broker.connected()) known.excuseSilence(now)
    lastTick = now
    say(false)
    known.forgetSilent(now)
  }, heartbeatMs)

  say(false)
  await connection.flush()
  await delay(introductionMs)

  return {
    get count() {
      return known.size + 1
    },
    knows: (dispatcher) => dispatcher === id || known.ids().includes(dispatcher),
    owns: (key) => ownerOf(key, [id, ...known.ids()]) === id,
    tellPause(tenant, subscriptionId, until) {
      if (broker.connected())
        connection.publish(dispatchersSubject.paused, JSON.stringify({ id, tenant, subscriptionId, until }))
    },
    async leave() {
      clearInterval(heartbeat)
      for (const subscription of subscriptions) subscription.unsubscribe()
      say(true)
    },
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
