import { shorten } from '@jethook/contracts'
import { Ajv2020, type ErrorObject, type SchemaObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { RE2JS } from 're2js'

/**
 * JSON Schema, draft 2020-12. Schemas come from tenants, so what could take very long is done otherwise: patterns run
 * on RE2, whose time grows with the text alone, and `uniqueItems` compares no pairs. `format` only describes, as the
 * draft has it by default.
 */
const ajv = new Ajv2020({
  strict: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  validateFormats: false,
  // Not remembered: a schema lives as long as its profile.
  addUsedSchema: false,
  code: { regExp: Object.assign(linearTimePattern, { code: 'linearTimePattern' }) },
})
ajv.removeKeyword('uniqueItems')
ajv.addKeyword({
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  validate: (isWanted: boolean, items: unknown[]) =>
    !isWanted || new Set(items.map(canonicalText)).size === items.length,
  error: { message: 'must not have duplicate items' },
})

/** What is wrong with a schema, and where in it: a JSON Pointer, or '' for the whole. Undefined: it can be used. */
export function checkSchema(schema: SchemaObject): { pointer: string; message: string } | undefined {
  if (schema['$async']) return { pointer: '/$async', message: 'is not part of JSON Schema' }
  try {
    if (ajv.validateSchema(schema) !== true) {
      const [error] = ajv.errors ?? []
      return { pointer: error?.instancePath ?? '', message: error ? messageOf(error) : 'is not a JSON Schema' }
    }
    compileSchema(schema)
    return undefined
  } catch (error) {
    return { pointer: '', message: (error as Error).message }
  }
}

export interface CompiledSchema {
  /** What is wrong with a value, and where in it: a JSON Pointer. Undefined: it matches. */
  check(value: unknown): { pointer: string; message: string } | undefined
}

/** Throws when `checkSchema` finds something wrong. */
export function compileSchema(schema: SchemaObject): CompiledSchema {
  let validate: ValidateFunction
  try {
    validate = ajv.compile(schema)
  } finally {
    ajv.removeSchema(schema)
  }
  return {
    check(value) {
      try {
        if (validate(value)) return undefined
      } catch (error) {
        // A recursive schema follows the value all the way down.
        if (error instanceof RangeError) return { pointer: '', message: 'is nested too deeply' }
        throw error
      }
      const [error] = validate.errors ?? []
      return { pointer: error?.instancePath ?? '', message: error ? messageOf(error) : 'does not match' }
    },
  }
}

function messageOf({ keyword, message = 'does not match', params }: ErrorObject): string {
  switch (keyword) {
    case 'additionalProperties':
      return `${message}: "${shorten((params as { additionalProperty: string }).additionalProperty)}"`
    case 'enum':
      return `${message}: ${JSON.stringify((params as { allowedValues: unknown }).allowedValues)}`
    case 'const':
      return `${message}: ${JSON.stringify((params as { allowedValue: unknown }).allowedValue)}`
    default:
      return message
  }
}

/** The same for values that JSON Schema calls equal. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

interface Pattern {
  test(text: string): boolean
  toString(): string
}

function linearTimePattern(pattern: string): Pattern {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern))
  return {
    test: (text) => compiled.matcher(text).find(),
    // Ajv tells patterns of one schema apart by this.
    toString: () => pattern,
  }
}
