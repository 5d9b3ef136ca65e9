import { z } from 'zod'

export interface Token {
  readonly token: string
  /** How long it may be used, in milliseconds. */
  readonly lifeMs: number
}

/** RFC 6749, 5.1; some servers write the number as a string. */
const TokenResponse = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,8192}$/),
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .optional(),
  expires_in: z.coerce.number().min(0).nullish(),
})

/** Of a token whose server does not say. */
const unknownLifeSeconds = 300
const longestLifeMs = 86_400_000

/** Undefined for anything but a response with a bearer token. */
export function readToken(body: string): Token | undefined {
  const parsed = TokenResponse.safeParse(parseJson(body))
  if (!parsed.success) return undefined
  const { access_token: token, expires_in: seconds } = parsed.data
  return { token, lifeMs: Math.min(longestLifeMs, (seconds ?? unknownLifeSeconds) * 1_000) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
