import type { z } from 'zod'

const kinds: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

const formats: Record<string, string> = {
  datetime: 'a time like 2026-01-31T12:00:00Z',
  email: 'an email address',
}

const units: Record<string, string> = { string: 'character', array: 'item' }

const choice = new Intl.ListFormat('en-GB', { type: 'disjunction' })

/**
 * What is wrong with a value, in words that go on after the name of its field, where the schema has none of its own:
 * for `schema.safeParse(value, { error: wording })`.
 */
export const wording: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined) return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      return mustBe(kinds[issue.expected])
    case 'invalid_format':
      return mustBe(formats[issue.format])
    case 'invalid_value':
      return mustBe(oneOf(issue.values))
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? mustBe(oneOf(issue.options))
        : 'has none of the forms that it may have'
    case 'too_small':
      return limit(issue.origin, issue.minimum, issue.exact ? 'exactly' : issue.inclusive ? 'at least' : 'more than')
    case 'too_big':
      return limit(issue.origin, issue.maximum, issue.exact ? 'exactly' : issue.inclusive ? 'at most' : 'less than')
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'custom':
      return undefined
  }
}

const mustBe = (what: string | undefined): string | undefined => what && `must be ${what}`

const oneOf = (values: readonly unknown[]): string =>
  choice.format(values.map((value) => (typeof value === 'string' ? JSON.stringify(value) : String(value))))

function limit(origin: string, bound: number | bigint, how: string): string {
  const unit = units[origin]
  return unit ? `must have ${how} ${bound} ${unit}${bound === 1 ? '' : 's'}` : `must be ${how} ${bound}`
}
