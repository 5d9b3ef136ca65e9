import type { CompiledProfile } from './compile.ts'
import { privatePrefixesOf, type SigningSecrets } from './compile-signatures.ts'
import type { RequestFacts } from './request-facts.ts'

export interface RenderedRequest {
  /** Names in lower case. */
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

export type RenderRequest = (facts: RequestFacts) => RenderedRequest

export interface RendererOptions {
  readonly profile: CompiledProfile
  /** Profiles whose headers and signatures are added; the profile's own win. */
  readonly alsoSignAs?: readonly CompiledProfile[]
  readonly secrets: SigningSecrets
  /** Of the subscription; every other header wins. */
  readonly customHeaders?: Readonly<Record<string, string>> | undefined
}

/**
 * Renders the requests of one subscription: what its secrets and settings decide is done once, here. Throws when the
 * profile, or one that it also signs as, could sign nothing with these secrets: receivers wait for each signature.
 */
export function createRenderer({
  profile,
  alsoSignAs = [],
  secrets,
  customHeaders = {},
}: RendererOptions): RenderRequest {
  const { renderBody } = profile
  // Later ones win over earlier ones.
  const layers = [...alsoSignAs.toReversed(), profile]
  const constants = Object.assign({}, lowerCase(customHeaders), ...layers.map(({ constantHeaders }) => constantHeaders))
  const headers = layers.flatMap((layer) => layer.headers)
  const privatePrefixes = layers.flatMap((layer) => privatePrefixesOf(layer.profile))
  const signatures = layers.flatMap((layer) => {
    const headersOfLayer = layer.bindSignatures(secrets, privatePrefixes)
    if (headersOfLayer.some(({ untilMs }) => untilMs === Infinity)) return headersOfLayer
    throw new Error(missingKey(layer))
  })
  return (facts) => {
    const body = renderBody(facts)
    const rendered: Record<string, string> = { ...constants }
    for (const { name, render } of headers) rendered[name] = render(facts)
    for (const { name, untilMs, render } of signatures) if (facts.nowMs < untilMs) rendered[name] = render(facts, body)
    return { headers: rendered, body }
  }
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

function missingKey({ profile }: CompiledProfile): string {
  const keys = new Set(profile.signatures.map(({ key }) => key))
  const needed = [...keys].map((key) => keyNames[key]).join(' or ')
  return `The profile ${profile.name} signs with ${needed}, and there is none that it can use.`
}

const keyNames = {
  subscription: "the subscription's secret",
  account: "the tenant's primary API key",
  app: "the signing secret of the subscription's app",
} as const
