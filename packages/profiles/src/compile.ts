import { createHmac } from 'node:crypto'
import type { Profile, SignatureScheme } from '@jethook/contracts'
import { compileTemplate, type RequestFacts, type TemplatePart } from './template.ts'

/** A profile made ready to render requests: everything that does not depend on the delivery is done once. */
export interface CompiledProfile {
  readonly profile: Profile
  /** The headers of one request, signatures included. `secret` is the subscription's. */
  renderHeaders(facts: RequestFacts, secret: string): Record<string, string>
  isSuccess(status: number): boolean
}

/** Throws when the profile has a template with an unknown placeholder. */
export function compileProfile(profile: Profile): CompiledProfile {
  const headers = Object.entries(profile.headers).map(([name, template]) => ({
    name: name.toLowerCase(),
    parts: compileTemplate(template),
  }))
  const signatures = profile.signatures.map(compileSignature)
  return {
    profile,
    renderHeaders(facts, secret) {
      const rendered: Record<string, string> = { 'content-type': 'application/json' }
      for (const { name, parts } of headers) rendered[name] = renderText(parts, facts)
      for (const { name, sign } of signatures) rendered[name] = sign(facts, secret)
      return rendered
    },
    isSuccess: profile.success === '200' ? (status) => status === 200 : (status) => status >= 200 && status < 300,
  }
}

function compileSignature({ header, algorithm, encoding, prefix, content }: SignatureScheme) {
  const parts = compileTemplate(content)
  const hash = algorithm === 'hmac-sha512' ? 'sha512' : 'sha256'
  return {
    name: header.toLowerCase(),
    sign(facts: RequestFacts, secret: string): string {
      const hmac = createHmac(hash, secret)
      for (const part of parts) hmac.update(part(facts))
      return prefix + hmac.digest(encoding)
    },
  }
}

function renderText(parts: readonly TemplatePart[], facts: RequestFacts): string {
  let text = ''
  for (const part of parts) text += part(facts) as string
  return text
}
