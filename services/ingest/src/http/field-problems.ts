import { joinPath, ProblemError, shapeProblem, type ProblemCode } from '@jethook/contracts'
import type { z } from 'zod'
import type { Rejection } from '../accept/submission.ts'

/** Which field of an item is to blame. */
const fieldOf: Record<Rejection['code'], string | undefined> = {
  unknown_tenant: undefined,
  unknown_profile: undefined,
  invalid_request: undefined,
  invalid_event_type: 'type',
  unknown_event_type: 'type',
  invalid_event_id: 'id',
  payload_too_large: 'payload',
  invalid_json: 'payload',
  payload_invalid: 'payload',
}

/** A rejection as an answer. `path` is where its event stands in the body: `events[3]`, or '' for the body itself. */
export function rejectionProblem({ code, reason, ...blamed }: Rejection, path: string): ProblemError {
  const field = blamed.field ?? fieldOf[code]
  return new ProblemError(code, reason, field ? { errors: [{ field: joinPath(path, [field]), message: reason }] } : {})
}

/** What a schema found wrong, as an answer that names the fields. */
export function submissionProblem(issues: readonly z.core.$ZodIssue[], path: string): ProblemError {
  const codes = new Set(issues.map(codeOf))
  const [code = 'invalid_request'] = codes.size === 1 ? codes : []
  return shapeProblem(issues, { path, code })
}

function codeOf({ code, path }: z.core.$ZodIssue): ProblemCode {
  const isForm = code === 'invalid_format' || code === 'too_big' || code === 'custom'
  if (isForm && path[0] === 'type') return 'invalid_event_type'
  if (isForm && path[0] === 'id') return 'invalid_event_id'
  return 'invalid_request'
}
