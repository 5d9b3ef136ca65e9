import type { ConfigurationFollower } from '@jethook/configuration'
import { configSubjectsOfTenant, MessageHeader, ProblemError, type DomainEvent } from '@jethook/contracts'
import { messageHeaders, PublishError, type Publisher, type Stored } from '@jethook/runtime'
import { stateOf, type TenantState } from '../decide/tenant-state.ts'
import type { Signals } from '../signals.ts'
import { reached, upToDate } from './caught-up.ts'
import { subjectOf } from './subject-of.ts'
import { createTurns } from './take-turns.ts'

/**
 * Decides on the present state of a tenant and stores what was decided; nothing is stored when nothing was. Throws
 * what `decide` throws, `conflict`, and `broker_unavailable`, after which the event may be stored all the same.
 */
export type AppendDecision = <E extends DomainEvent | undefined>(
  tenant: string,
  decide: (state: TenantState) => E,
) => Promise<E>

/** Another replica got in first so often that something must be wrong. */
const maxTries = 20
/** A command that waited this long for its turn has a caller who is about to give up. */
const longestTurnMs = 5_000

export interface AppenderOptions {
  readonly follower: ConfigurationFollower
  readonly publisher: Publisher
  readonly signals: Signals
}

/**
 * Optimistic concurrency per tenant: the event is stored only if nothing was decided about the tenant since the
 * state that it was decided on, else it is decided again. Within this process decisions about one tenant take
 * turns, so only those of other replicas can get in between.
 */
export function createAppender({ follower, publisher, signals }: AppenderOptions): AppendDecision {
  const { configuration } = follower
  const takeTurns = createTurns()

  const decideAndStore = async <E extends DomainEvent | undefined>(
    tenant: string,
    decide: (state: TenantState) => E,
  ): Promise<E> => {
    for (let tries = 1; tries <= maxTries; tries++) {
      const event = decide(stateOf(configuration, tenant))
      if (!event) return event
      const stored = await storeUnlessOutdated(publisher, event, configuration.sequenceOf(tenant))
      if (stored) {
        signals.configChanged(event, stored.sequence, tries)
        // The next in turn decides on a state with this event in it. If that takes too long it only has to try twice.
        await reached(follower, stored.sequence)
        return event
      }
      await upToDate(follower)
    }
    throw new ProblemError('conflict', `Tenant ${tenant} was being changed by others all the time. Try again.`)
  }

  return (tenant, decide) => {
    const calledAt = performance.now()
    return takeTurns(tenant, () => {
      if (performance.now() - calledAt > longestTurnMs)
        throw new ProblemError('broker_unavailable', 'Earlier changes take too long to be stored. Try again.')
      return decideAndStore(tenant, decide)
    })
  }
}

/** Undefined when something else was decided about the tenant in the meantime. */
async function storeUnlessOutdated(
  publisher: Publisher,
  event: DomainEvent,
  lastSequence: number,
): Promise<Stored | undefined> {
  const header = messageHeaders({
    [MessageHeader.expectedLastSequence]: String(lastSequence),
    [MessageHeader.expectedLastSequenceSubject]: configSubjectsOfTenant(event.tenant),
  })
  try {
    return await publisher.publish(subjectOf(event), JSON.stringify(event), header)
  } catch (error) {
    if (error instanceof PublishError && error.code === 'wrong_last_sequence') return undefined
    throw error
  }
}
