import { createHmac, sign, type KeyObject } from 'node:crypto'
import { inOnePiece, type Profile, type SignatureScheme } from '@jethook/contracts'
import type { RequestFacts } from './request-facts.ts'
import { signingKey } from './signing-key.ts'
import { compileTemplate, compileText, type Template } from './template.ts'

/** A secret, newest first where there are several. */
export interface Secret {
  readonly text: string
  /** It signs no more from then on, milliseconds since the epoch. */
  readonly untilMs?: number | undefined
}

/** What a subscription signs with. Whatever there is none of, nothing is signed with. */
export type SigningSecrets = { readonly [key in SignatureScheme['key']]?: readonly Secret[] | undefined }

/** One signature header of a profile, made for certain secrets. */
export interface SignatureHeader {
  readonly name: string
  /** Nothing is there to sign it with from then on, milliseconds since the epoch. */
  readonly untilMs: number
  readonly render: (facts: RequestFacts, body: Uint8Array) => string
}

/**
 * The signature headers that these secrets allow. Secrets with one of the private prefixes are private keys: nobody
 * else has them, so no HMAC is made with them. Throws when a secret cannot be a key.
 */
export type BindSignatures = (secrets: SigningSecrets, privatePrefixes: readonly string[]) => SignatureHeader[]

interface CompiledScheme {
  readonly scheme: SignatureScheme
  readonly content: Template
}

export function compileSignatures(profile: Profile): BindSignatures {
  const compiled = profile.signatures.map((scheme): CompiledScheme => ({
    scheme,
    content: compileTemplate(scheme.content, { syntax: 'line' }),
  }))
  const byHeader = Map.groupBy(compiled, ({ scheme }) => scheme.header.toLowerCase())
  return (secrets, privatePrefixes) =>
    [...byHeader].flatMap(([name, schemes]) => {
      const signers = schemes.flatMap((each) => signersOf(each, profile.signatures, secrets, privatePrefixes))
      const untilMs = Math.max(...signers.map((signer) => signer.untilMs))
      return signers.length === 0 ? [] : { name, untilMs, render: renderHeader(schemes, signers) }
    })
}

/** What the secrets begin with that are private keys. */
export const privatePrefixesOf = ({ signatures }: Profile): string[] =>
  signatures
    .filter(({ algorithm, secretPrefix }) => algorithm === 'ed25519' && secretPrefix !== '')
    .map(({ secretPrefix }) => secretPrefix)

interface Signer {
  readonly untilMs: number
  readonly sign: (facts: RequestFacts, body: Uint8Array) => string
}

function signersOf(
  { scheme, content }: CompiledScheme,
  all: readonly SignatureScheme[],
  secrets: SigningSecrets,
  privatePrefixes: readonly string[],
): Signer[] {
  const isPrivate = (text: string): boolean => privatePrefixes.some((prefix) => text.startsWith(prefix))
  return (secrets[scheme.key] ?? [])
    .filter(({ text }) => isFor(text, scheme, all) && (scheme.algorithm === 'ed25519' || !isPrivate(text)))
    .map(({ text, untilMs = Infinity }) => {
      const key = signingKey(scheme, text)
      const signContent = scheme.algorithm === 'ed25519' ? ed25519(key, content) : hmac(scheme, key, content)
      const { prefix, encoding } = scheme
      return { untilMs, sign: (facts, body) => inOnePiece(prefix + signContent(facts, body, encoding)) }
    })
}

/** A secret with the prefix of a scheme is for that scheme; one without is for those without a prefix, else for the first. */
function isFor(secret: string, scheme: SignatureScheme, all: readonly SignatureScheme[]): boolean {
  const rivals = all.filter(({ key }) => key === scheme.key)
  const named = rivals.filter(({ secretPrefix }) => secretPrefix !== '' && secret.startsWith(secretPrefix))
  if (named.length > 0) return named.includes(scheme)
  const unnamed = rivals.filter(({ secretPrefix }) => secretPrefix === '')
  return unnamed.length > 0 ? unnamed.includes(scheme) : rivals[0] === scheme
}

function renderHeader(schemes: readonly CompiledScheme[], signers: readonly Signer[]): SignatureHeader['render'] {
  const { lead = '', separator = '' } = schemes[0]?.scheme ?? {}
  const renderLead = compileText(lead)
  const [first] = signers
  // The usual case: one secret, nothing around the signature.
  if (signers.length === 1 && first?.untilMs === Infinity && lead === '') return first.sign
  return (facts, body) => {
    const signatures: string[] = []
    for (const { untilMs, sign: signNow } of signers) {
      if (facts.nowMs >= untilMs) continue
      signatures.push(signNow(facts, body))
      if (separator === '') break
    }
    return renderLead(facts) + signatures.join(separator)
  }
}

type SignContent = (facts: RequestFacts, body: Uint8Array, encoding: 'hex' | 'base64') => string

function hmac({ algorithm }: SignatureScheme, key: KeyObject, content: Template): SignContent {
  const hash = algorithm === 'hmac-sha512' ? 'sha512' : 'sha256'
  return (facts, body, encoding) => {
    const digest = createHmac(hash, key)
    for (const part of content) digest.update(typeof part === 'function' ? part(facts) : body)
    return digest.digest(encoding)
  }
}

function ed25519(key: KeyObject, content: Template): SignContent {
  return (facts, body, encoding) => {
    const bytes = content.map((part) => (typeof part === 'function' ? Buffer.from(part(facts)) : body))
    return sign(null, Buffer.concat(bytes), key).toString(encoding)
  }
}
