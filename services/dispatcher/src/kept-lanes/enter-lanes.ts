import type { Configuration, Subscription } from '@jethook/configuration'
import type { TurnMessage } from '@jethook/contracts'
import type { Logger } from '@jethook/runtime'
import type { Coming, Turn } from '../lanes/lane.ts'
import { isKeptByOne } from '../lanes/lane-rules.ts'
import type { Lanes } from '../lanes/lanes.ts'
import type { Deferral } from '../lanes/put-off.ts'
import type { PreparedSubscription, PrepareSubscription } from '../match/prepare-subscription.ts'
import type { Peers } from '../peers/join-peers.ts'
import { createKeeperAsker } from './ask-keeper.ts'
import { createTurnLender } from './lend-turns.ts'
import type { Message, TurnMessages } from './turn-messages.ts'

/**
 * The way to a turn, whichever dispatcher gives it. Most subscriptions have a lane in each, with a share of the limits.
 * Where a limit cannot be shared out (see `isKeptByOne`), one of the dispatchers keeps the only lane: all name the same
 * one, and the others ask it, by core NATS. When it is gone, or becomes another one, who waits goes to the calendar.
 */
export interface EnterLanes {
  enter(prepared: PreparedSubscription, coming: Coming): Turn | Promise<Turn | Deferral> | Deferral
  /** From now on no turns of kept lanes for this dispatcher. Defers everybody who waits for an answer. */
  stop(): void
  /** And none for others: another dispatcher gives them out soon. */
  stopLending(): void
}

export interface EnterLanesOptions {
  readonly messages: TurnMessages
  /** Whether other dispatchers can be heard. */
  readonly connected: () => boolean
  readonly configuration: Pick<Configuration, 'subscription'>
  readonly lanes: Lanes
  readonly peers: Pick<Peers, 'team' | 'knows' | 'isFinishing' | 'ownerOf'>
  /** Of this dispatcher. */
  readonly id: string
  readonly prepare: PrepareSubscription
  /** Whether a tenant has more waiting here than leaves room for the others. */
  readonly isCrowded: (tenant: string) => boolean
  /** Resolves when changes stored before now are known. */
  readonly upToDate: () => Promise<void>
  readonly logger: Logger
}

const sweepEveryMs = 500
/** Longer than an attempt by so much: for what is done before it and after it. */
const leaseMarginMs = 10_000
/** The keeper does not know the subscription any more, is not set up right, or leaves. */
const comeAgain = (): Deferral => ({ deferUntil: Date.now() + 1_000, reason: 'saturated' })

export function createEnterLanes(options: EnterLanesOptions): EnterLanes {
  const { messages, connected, configuration, lanes, peers, id, prepare, isCrowded, upToDate, logger } = options
  let stopping = false
  let isLending = true
  const shared = { id, send: messages.send, now: () => performance.now() }
  const lives = (dispatcher: string): boolean => connected() && peers.knows(dispatcher)
  const asker = createKeeperAsker({ ...shared, lives, random: Math.random })
  const lender = createTurnLender({ ...shared, lives: peers.knows, isFinishing: peers.isFinishing, enter: enterFor })

  function enterFor(ask: Message<'ask'>): ReturnType<Lanes['enter']> {
    // One that was made this very moment may not be known here yet.
    const isKnown = configuration.subscription(ask.tenant, ask.subscriptionId) !== undefined
    return isKnown ? enterKnown(ask) : upToDate().then(() => enterKnown(ask), comeAgain)
  }

  function enterKnown(ask: Message<'ask'>): ReturnType<Lanes['enter']> {
    if (!isLending) return comeAgain()
    const { tenant, subscriptionId, due, probing, crowded } = ask
    const subscription = configuration.subscription(tenant, subscriptionId)
    if (!subscription) return comeAgain()
    try {
      return lanes.enter(subscription, prepare(subscription).rules, { due, probing, crowded })
    } catch (error) {
      logger.error({ err: error, tenant, subscription_id: subscriptionId }, 'turn.not_lent')
      return comeAgain()
    }
  }

  const handle = (message: TurnMessage): void => {
    switch (message.type) {
      case 'ask':
        return void lender.asked(message)
      case 'given_back':
        return lender.givenBack(message)
      case 'in_line':
      case 'lent':
      case 'not_now':
        return asker.heard(message)
    }
  }
  messages.listen(handle)
  const sweeper = setInterval(() => {
    lender.sweep()
    asker.sweep()
  }, sweepEveryMs)

  return {
    enter({ subscription, rules, timeoutMs }, coming) {
      if (!isKeptByOne(rules, peers.team.count)) return lanes.enter(subscription, rules, coming)
      if (stopping) return comeAgain()
      const keeper = peers.ownerOf(subscription.id)
      if (keeper === id) return lanes.enter(subscription, rules, coming)
      return asker.ask(keeper, questionOf(subscription, coming, timeoutMs))
    },
    stop() {
      stopping = true
      asker.stop()
    },
    stopLending() {
      isLending = false
      clearInterval(sweeper)
    },
  }

  function questionOf({ tenant, id: subscriptionId }: Subscription, coming: Coming, timeoutMs: number) {
    const { due, probing } = coming
    return { tenant, subscriptionId, due, probing, crowded: isCrowded(tenant), leaseMs: timeoutMs + leaseMarginMs }
  }
}
