import type { Subscription } from '@jethook/configuration'

/** Whether whoever keeps the order of the subscription delivers the event of this sequence. */
export const isInOrder = ({ inOrderFrom }: Pick<Subscription, 'inOrderFrom'>, sequence: number): boolean =>
  inOrderFrom !== undefined && sequence > inOrderFrom
