import { ProblemError, problemOf, type BatchResult } from '@jethook/contracts'
import type { Submission } from '../accept/submission.ts'
import { publishEvent, type PublishContext, type PublishRequest } from './publish-event.ts'

type ItemResult = BatchResult['results'][number]

/** Stores the events of a batch at the same time. Each gets its own result; what is wrong with one is its own affair. */
export async function publishBatch(
  context: PublishContext,
  request: PublishRequest,
  items: readonly (Submission | ProblemError)[],
): Promise<BatchResult> {
  const publishItem = async (item: Submission | ProblemError, index: number): Promise<ItemResult> => {
    try {
      return { status: 'accepted', event: await publishEvent(context, request, item, `events[${index}]`) }
    } catch (error) {
      if (error instanceof ProblemError) return { status: 'rejected', problem: problemOf(error) }
      throw error
    }
  }
  return { results: await Promise.all(items.map(publishItem)) }
}
