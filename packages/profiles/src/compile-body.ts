import type { Profile } from '@jethook/contracts'
import type { RequestFacts } from './request-facts.ts'
import { compileTemplate } from './template.ts'

export type RenderBody = (facts: RequestFacts) => Uint8Array

/** The body as the profile wants it; the payload's bytes are never touched. */
export function compileBody(rule: Profile['body']): RenderBody {
  if (rule === 'payload') return (facts) => facts.payload
  const template = compileTemplate(rule.envelope, { syntax: 'json', escape: escapeJson })
  return (facts) =>
    Buffer.concat(template.map((part) => (typeof part === 'function' ? Buffer.from(part(facts)) : facts.payload)))
}

// eslint-disable-next-line no-control-regex
const needsEscape = /["\\\u0000-\u001f]/

/** As it stands between the quotes of a JSON string. */
const escapeJson = (text: string): string => (needsEscape.test(text) ? JSON.stringify(text).slice(1, -1) : text)
