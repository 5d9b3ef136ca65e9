import { decodeBase64, decodeHex } from '../encoding.ts'
import { WebhookVerificationError } from '../error.ts'
import type { CompiledScheme } from '../profile/compile-profile.ts'
import type { FactName, SignatureAlgorithm } from '../profile/profile.ts'
import { matchPattern } from '../profile/template.ts'

/** Each costs a pass over the body, so a header with thousands of them must not get thousands. */
const maxSignatures = 16

const signatureBytes: Readonly<Record<SignatureAlgorithm, number>> = {
  'hmac-sha256': 32,
  'hmac-sha512': 64,
  ed25519: 64,
}

export interface ParsedSignatures {
  /** Those of this scheme that are well-formed. */
  readonly signatures: readonly Uint8Array<ArrayBuffer>[]
  readonly facts: ReadonlyMap<FactName, string>
}

/** Other schemes' and later versions' signatures in the same header are passed over. */
export function parseSignatures(scheme: CompiledScheme, header: string): ParsedSignatures {
  const parts = scheme.separator === undefined ? [header] : header.split(scheme.separator)
  const signatures: Uint8Array<ArrayBuffer>[] = []
  const facts = new Map<FactName, string>()
  for (const part of parts.map((text) => text.trim())) {
    for (const pattern of scheme.lead) {
      const text = matchPattern(pattern, part)
      if (text !== undefined) facts.set(pattern.fact, text)
    }
    const signature = decodeSignature(scheme, part)
    if (signature) signatures.push(signature)
  }
  if (signatures.length > maxSignatures) {
    const message = `${scheme.header} has ${signatures.length} signatures; at most ${maxSignatures} are looked at.`
    throw new WebhookVerificationError('malformed_signature', message)
  }
  return { signatures, facts }
}

function decodeSignature(scheme: CompiledScheme, part: string): Uint8Array<ArrayBuffer> | undefined {
  if (!part.startsWith(scheme.prefix)) return undefined
  const text = part.slice(scheme.prefix.length)
  const bytes = scheme.encoding === 'hex' ? decodeHex(text) : decodeBase64(text)
  return bytes?.length === signatureBytes[scheme.algorithm] ? bytes : undefined
}
