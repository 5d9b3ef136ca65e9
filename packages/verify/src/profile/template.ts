import { WebhookVerificationError } from '../error.ts'
import type { FactName } from './profile.ts'
import { timeFacts } from './time-facts.ts'

const factNames: ReadonlySet<string> = new Set<FactName>([
  'event.id',
  'event.type',
  'delivery.id',
  'attempt',
  'tenant',
  ...timeFacts,
])

/** `{event.id}.{body}` taken apart. */
export type ContentPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'fact'; readonly fact: FactName }
  | { readonly kind: 'body' }

/** Text around one fact, such as `t={timestamp}`. */
export interface FactPattern {
  readonly before: string
  readonly fact: FactName
  readonly after: string
}

/** Throws `malformed_profile`, naming the field, for a placeholder that does not exist. */
export function parseContent(template: string, field: string): readonly ContentPart[] {
  return piecesOf(template).map((piece): ContentPart => {
    if (!isPlaceholder(piece)) return { kind: 'text', text: piece }
    const name = piece.slice(1, -1)
    if (name === 'body') return { kind: 'body' }
    if (isFactName(name)) return { kind: 'fact', fact: name }
    const known = ['body', ...factNames].map((known) => `{${known}}`).join(', ')
    throw new WebhookVerificationError('malformed_profile', `${field} has ${piece}; there are only ${known}.`)
  })
}

/** `undefined` for a template that does not hold exactly one fact, such as a constant: there is nothing to read in it. */
export function parsePattern(template: string): FactPattern | undefined {
  const pieces = piecesOf(template)
  const index = pieces.findIndex(isPlaceholder)
  const fact = pieces[index]?.slice(1, -1)
  if (fact === undefined || !isFactName(fact) || pieces.filter(isPlaceholder).length > 1) return undefined
  return { before: pieces.slice(0, index).join(''), fact, after: pieces.slice(index + 1).join('') }
}

/** The fact's text in `value`, or `undefined` when the value is not of this form. */
export function matchPattern({ before, after }: FactPattern, value: string): string | undefined {
  if (!value.startsWith(before) || !value.endsWith(after)) return undefined
  const text = value.slice(before.length, value.length - after.length)
  return text === '' || before.length + after.length > value.length ? undefined : text
}

export function isFactName(name: string): name is FactName {
  return factNames.has(name)
}

function piecesOf(template: string): string[] {
  return template.split(/(\{[^}]*\})/).filter((piece) => piece !== '')
}

function isPlaceholder(piece: string): boolean {
  return piece.startsWith('{') && piece.endsWith('}')
}
