import { type ProblemError, PublishBatch, PublishEvent, wording } from '@jethook/contracts'
import type { Submission } from '../accept/submission.ts'
import type { JsonBody } from './json-body.ts'
import { elementSlices, memberSlice } from './json-slices.ts'
import { submissionProblem } from './field-problems.ts'

/** The event of `POST /v1/events`, or what is wrong with it, by field. */
export function readEvent({ value, source }: JsonBody, tenant: string): Submission | ProblemError {
  return readItem(value, source, 0, tenant, '')
}

/** The events of `POST /v1/events/batch`: each a submission, or what is wrong with it. Throws when it is no batch. */
export function readBatch({ value, source }: JsonBody, tenant: string): (Submission | ProblemError)[] {
  const batch = PublishBatch.safeParse(value, { error: wording })
  if (!batch.success) throw submissionProblem(batch.error.issues, '')
  const array = memberSlice(source, 0, 'events')
  const slices = array ? elementSlices(source, array.start) : []
  return batch.data.events.map((item, index) =>
    readItem(item, source, slices[index]?.start ?? source.length, tenant, `events[${index}]`),
  )
}

function readItem(
  value: unknown,
  source: Buffer,
  start: number,
  tenant: string,
  path: string,
): Submission | ProblemError {
  const item = PublishEvent.safeParse(value, { error: wording })
  if (!item.success) return submissionProblem(item.error.issues, path)
  // What the schema found is there in the source too.
  const { start: from = 0, end = 0 } = memberSlice(source, start, 'payload') ?? {}
  const { type: eventType, id: producerId, user } = item.data
  return { tenant, eventType, producerId, user, payload: source.subarray(from, end) }
}
