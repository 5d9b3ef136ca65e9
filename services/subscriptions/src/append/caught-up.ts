import type { ConfigurationFollower } from '@jethook/configuration'
import { ProblemError } from '@jethook/contracts'
import { within } from '../health/within.ts'

/** A change of the stream's leader takes 5 to 6 s; whoever asks should not have to wait for it. */
const patienceMs = 5_000

/**
 * Resolves when the folded configuration holds every change that its caller was told of before this call, made by whichever
 * replica. Throws `broker_unavailable`.
 */
export const caughtUp = (follower: ConfigurationFollower): Promise<void> => soon(follower.caughtUp())

/** The same, of every change that was stored before this call. */
export const upToDate = (follower: ConfigurationFollower): Promise<void> => soon(follower.upToDate())

async function soon(following: Promise<void>): Promise<void> {
  try {
    await within(patienceMs, following)
  } catch (cause) {
    throw new ProblemError('broker_unavailable', 'The configuration cannot be read right now. Try again.', { cause })
  }
}

/** Whether the domain event of this sequence was folded in before patience ran out. */
export async function reached(follower: ConfigurationFollower, sequence: number): Promise<boolean> {
  return within(patienceMs, follower.reached(sequence)).then(
    () => true,
    () => false,
  )
}
