import type { ProgressKeeper } from './keep-progress.ts'

/** Who was not heard for 3.5 s is taken for dead, and another one takes over. Until then nobody did. */
const certainForMs = 3_000
/** A turn is not kept for longer without an attempt: others wait for it, and the endpoint would seem slow. */
const patienceMs = 1_000

/**
 * Makes certain that no other dispatcher took over, right before an attempt. Returns whether the attempt may use the turn
 * that it has; where NATS kept it waiting, it is to ask for another one.
 */
export async function makeCertain(
  keeper: Pick<ProgressKeeper, 'confirmedAt' | 'save'>,
  now: () => number,
): Promise<boolean> {
  const began = now()
  if (began - keeper.confirmedAt <= certainForMs) return true
  await keeper.save()
  return now() - began <= patienceMs
}
