import type { z } from 'zod'
import { ProblemError, problems, type FieldError, type ProblemCode } from './problem.ts'
import { shorten } from './shorten.ts'

type Issue = z.core.$ZodIssue

export interface ShapeProblemOptions {
  /** Where the value stands in the body: `events[3]`. */
  readonly path?: string
  /** What the value is called when it is wrong as a whole. */
  readonly whole?: string
  /** The document's; else what a check brought along (`params: { code }`), else `invalid_request`. */
  readonly code?: ProblemCode
}

/** A body may have a hundred thousand members that are not known: an answer is to stay smaller than what was sent. */
const mostTold = 100

/** What a schema found wrong, as an answer that names each field. */
export function shapeProblem(found: readonly Issue[], options: ShapeProblemOptions = {}): ProblemError {
  const { path: base = '', whole = 'body' } = options
  const issues = found.flatMap(explain)
  const wrong = issues.flatMap((issue): FieldError[] => {
    const { path, message } = issue
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ field: joinPath(base, [...path, key]), message: 'is not known here' }))
    return [{ field: joinPath(base, path) || whole, message }]
  })
  const errors = wrong.slice(0, mostTold)
  const code = options.code ?? issues.map(ownCode).find((own) => own !== undefined) ?? 'invalid_request'
  return new ProblemError(code, errors.map(({ field, message }) => `${field}: ${message}`).join('; '), { errors })
}

/** Of a union: what is wrong in the alternative that was meant, which is the one of the type of the value. */
function explain(issue: Issue): Issue[] {
  if (issue.code === 'invalid_key') return [{ ...issue, message: issue.issues[0]?.message ?? issue.message }]
  if (issue.code !== 'invalid_union') return [issue]
  const meant = issue.errors.find(fits('invalid_type', 'invalid_value')) ?? issue.errors.find(fits('invalid_type'))
  if (!meant) return [issue]
  return meant.flatMap((inner) => explain({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** The value as a whole is not wrong in one of these ways. */
const fits = (...codes: Issue['code'][]): ((issues: readonly Issue[]) => boolean) => {
  return (issues) => !issues.some(({ path, code }) => path.length === 0 && codes.includes(code))
}

function ownCode(issue: Issue): ProblemCode | undefined {
  const own: unknown = issue.code === 'custom' ? issue.params?.['code'] : undefined
  return typeof own === 'string' && own in problems ? (own as ProblemCode) : undefined
}

/** `events[3]` and `type` to `events[3].type`. */
export function joinPath(base: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((whole, key) => {
    if (typeof key === 'number') return `${whole}[${key}]`
    const name = shorten(String(key))
    return whole ? `${whole}.${name}` : name
  }, base)
}
