/** What the placeholders of a profile's templates stand for. */
export interface RequestFacts {
  readonly tenant: string
  readonly eventId: string
  readonly eventType: string
  readonly deliveryId: string
  /** From 1. */
  readonly attempt: number
  /** When the attempt is made, milliseconds since the epoch. */
  readonly nowMs: number
  readonly body: Uint8Array
}

const placeholders: Record<string, (facts: RequestFacts) => string | Uint8Array> = {
  tenant: (facts) => facts.tenant,
  'event.id': (facts) => facts.eventId,
  'event.type': (facts) => facts.eventType,
  'delivery.id': (facts) => facts.deliveryId,
  attempt: (facts) => String(facts.attempt),
  timestamp: (facts) => String(Math.floor(facts.nowMs / 1_000)),
  body: (facts) => facts.body,
}

export type TemplatePart = (facts: RequestFacts) => string | Uint8Array

/** Compiles `{event.id}.{body}` to its parts, once. Throws for a placeholder that does not exist. */
export function compileTemplate(template: string): readonly TemplatePart[] {
  return template
    .split(/(\{[^}]*\})/)
    .filter((piece) => piece !== '')
    .map((piece) => {
      if (!piece.startsWith('{')) return () => piece
      const part = placeholders[piece.slice(1, -1)]
      if (part) return part
      throw new Error(`There is no placeholder ${piece}; known are {${Object.keys(placeholders).join('}, {')}}.`)
    })
}
