import { setTimeout as delay } from 'node:timers/promises'

export interface WaitOptions {
  readonly timeoutMs?: number
  readonly intervalMs?: number
  /** What is waited for, for the message when it does not come: "the delivery is shown as delivered". */
  readonly what?: string
}

/** Asks again and again until the answer is something other than `undefined`, `null` or `false`; errors count as "not yet". */
export async function waitFor<T>(
  ask: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  { timeoutMs = 10_000, intervalMs = 20, what = 'the condition' }: WaitOptions = {},
): Promise<T> {
  const started = Date.now()
  let last: unknown
  for (let attempts = 1; ; attempts += 1) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== null && answer !== false) return answer
      last = answer
    } catch (error) {
      last = error
    }
    if (Date.now() - started >= timeoutMs) throw new WaitedInVain(what, attempts, timeoutMs, last)
    await delay(intervalMs)
  }
}

class WaitedInVain extends Error {
  constructor(what: string, attempts: number, timeoutMs: number, last: unknown) {
    const answer = last instanceof Error ? `failed with: ${last.message}` : `was ${String(last)}`
    super(`Waited ${timeoutMs} ms for ${what}; asked ${attempts} times, the last answer ${answer}`, { cause: last })
    this.name = 'WaitedInVain'
  }
}
