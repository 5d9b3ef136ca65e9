import { ProblemError } from '@jethook/contracts'
import { checkDestination, checkUrl, type EgressOptions } from '@jethook/egress'

/** Settings with the URLs that requests will be made to. */
export interface Destinations {
  readonly url?: string | undefined
  readonly authentication?: { readonly type: string; readonly tokenUrl?: string } | null | undefined
}

/** Throws `destination_refused` when requests to one of the URLs are certain to be refused as things are now. */
export type RequireDestinations = (settings: Destinations) => Promise<void>

/**
 * A name that does not resolve now passes, for its receiver may be set up next. The dispatcher checks again, whenever it
 * connects. With a proxy names are not looked up: they are the proxy's to resolve.
 */
export function createRequireDestinations({
  policy,
  proxy,
  lookup,
}: Pick<EgressOptions, 'policy' | 'proxy' | 'lookup'>): RequireDestinations {
  const check = async (field: string, url: string | undefined): Promise<void> => {
    if (url === undefined) return
    const refusal = proxy ? checkUrl(url, policy) : await checkDestination(url, policy, lookup && { lookup })
    if (!refusal) return
    throw new ProblemError('destination_refused', `${field}: ${refusal.message}`, {
      errors: [{ field, message: refusal.message }],
    })
  }
  return async ({ url, authentication }) => {
    await Promise.all([check('url', url), check('authentication.tokenUrl', authentication?.tokenUrl)])
  }
}
