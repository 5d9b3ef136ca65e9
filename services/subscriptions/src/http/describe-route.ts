import { STATUS_CODES } from 'node:http'
import { Problem, problems, type ProblemCode } from '@jethook/contracts'
import type { z } from 'zod'

type Tag =
  | 'Subscriptions'
  | 'Deliveries'
  | 'Events'
  | 'Tenants'
  | 'API keys'
  | 'Profiles'
  | 'Secret links'
  | 'Apps'
  | 'Lucra'
  | 'Lumin Sign'
  | 'LumoAuth'

/** What any route with a key answers when it cannot do its work. */
const always = ['invalid_api_key', 'forbidden', 'broker_unavailable'] as const satisfies ProblemCode[]

interface RouteSchema {
  readonly response: Record<number, z.ZodType>
}

/**
 * A route's schema with its place in the API reference and its problem documents, by status. The problem answers are
 * left out of the type: handlers throw them.
 */
export function describeRoute<S extends RouteSchema>(
  tag: Tag,
  summary: string,
  codes: readonly ProblemCode[],
  schema: S,
): S & { tags: string[]; summary: string } {
  const security = ownSecurity[tag]
  return { ...describe(tag, summary, [...always, ...codes], schema), ...(security && { security }) }
}

/** Where keys come first in a header of the provider's own, or as a bearer token. */
const ownSecurity: { readonly [tag in Tag]?: Record<string, string[]>[] } = {
  Lucra: [{ lucraApiKey: [] }],
  LumoAuth: [{ bearer: [] }],
}

/** The same for a route that asks for no key. */
export function describeOpenRoute<S extends RouteSchema>(
  tag: Tag,
  summary: string,
  codes: readonly ProblemCode[],
  schema: S,
): S & { tags: string[]; summary: string; security: [] } {
  return { ...describe(tag, summary, ['broker_unavailable', ...codes], schema), security: [] }
}

function describe<S extends RouteSchema>(tag: Tag, summary: string, codes: readonly ProblemCode[], schema: S) {
  const answers = Object.groupBy(codes, (code) => String(problems[code][0]))
  const failures = Object.entries(answers).map(([status, ofStatus = []]) => [
    status,
    {
      description: ofStatus.map((code) => `\`${code}\`: ${problems[code][1]}.`).join(' '),
      content: { 'application/problem+json': { schema: Problem } },
    },
  ])
  const successes = Object.entries(schema.response).map(([status, answer]) => [
    status,
    answer.description === undefined ? answer.describe(STATUS_CODES[status] ?? '') : answer,
  ])
  return { ...schema, tags: [tag], summary, response: Object.fromEntries([...failures, ...successes]) }
}
