import type { EgressAgent } from '@jethook/egress'
import type { Token } from './read-token.ts'
import { requestToken, type OAuth2Client, type TokenError } from './request-token.ts'

export interface GivenToken {
  readonly token: string
  /** It was fetched for this call, and not used before. */
  readonly isNew: boolean
}

/**
 * Bearer tokens of subscriptions with OAuth2 client credentials. Each is kept until shortly before it expires, and
 * fetched once for all who wait for it. Kept per subscription, by its authentication: when that is changed or deleted,
 * the token goes with it.
 */
export interface AccessTokens {
  /**
   * Waits no longer than `timeoutMs`; the fetch goes on for others. One that has gone on for as long already may hang: then there
   * is another one. Never rejects.
   */
  get(oauth2: OAuth2Client, agent: EgressAgent, timeoutMs: number): Promise<GivenToken | { readonly error: TokenError }>
  /** The receiver does not take this token: the next one who asks gets another. */
  forget(oauth2: OAuth2Client, token: string): void
}

interface Held {
  known?: { readonly token: string; readonly renewAt: number } | undefined
  fetching?: Fetch | undefined
}

interface Fetch {
  readonly since: number
  readonly fetched: ReturnType<typeof requestToken>
}

/** A token is not used any more so long before its end: a request that takes its time must not arrive too late. */
const marginMs = 30_000

export function createAccessTokens(now: () => number, request: typeof requestToken = requestToken): AccessTokens {
  const held = new WeakMap<object, Held>()

  const entryOf = ({ identity }: OAuth2Client): Held => {
    let entry = held.get(identity)
    if (!entry) held.set(identity, (entry = {}))
    return entry
  }

  const fetchInto = (entry: Held, agent: EgressAgent, oauth2: OAuth2Client): Fetch => {
    const fetch = { since: now(), fetched: request(agent, oauth2) }
    const isOver = (): void => {
      if (entry.fetching === fetch) entry.fetching = undefined
    }
    const keep = (fetched: Awaited<Fetch['fetched']>): void => {
      isOver()
      if ('token' in fetched) entry.known = { token: fetched.token, renewAt: now() + usableMs(fetched) }
    }
    fetch.fetched.then(keep, isOver)
    return fetch
  }

  return {
    async get(oauth2, agent, timeoutMs) {
      const entry = entryOf(oauth2)
      if (entry.known && now() < entry.known.renewAt) return { token: entry.known.token, isNew: false }
      const underway = entry.fetching && now() - entry.fetching.since < timeoutMs ? entry.fetching : undefined
      entry.fetching = underway ?? fetchInto(entry, agent, oauth2)
      const fetched = await within(timeoutMs, entry.fetching.fetched)
      return 'token' in fetched ? { token: fetched.token, isNew: true } : fetched
    },
    forget(oauth2, token) {
      const entry = entryOf(oauth2)
      if (entry.known?.token === token) entry.known = undefined
    },
  }
}

const usableMs = ({ lifeMs }: Token): number => lifeMs - Math.min(marginMs, lifeMs / 2)

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T | { readonly error: TokenError }> {
  const { promise: deadline, resolve } = Promise.withResolvers<{ readonly error: TokenError }>()
  const message = `There is no token: the token endpoint did not answer within ${Math.round(timeoutMs)} ms.`
  const timer = setTimeout(resolve, timeoutMs, { error: { code: 'token_endpoint_timeout', message } })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
