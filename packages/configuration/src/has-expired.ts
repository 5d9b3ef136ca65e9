import type { Subscription } from './model.ts'

/** Whether its owner wanted nothing to be sent any more by this time, milliseconds since the epoch. */
export const hasExpired = ({ expiresAt }: Pick<Subscription, 'expiresAt'>, nowMs: number): boolean =>
  typeof expiresAt === 'number' && expiresAt <= nowMs
