import { ProblemError, problemOf, type BatchResult } from '@jethook/contracts'
import type { TraceContext } from '@jethook/runtime'
import type { Submission } from '../accept/submission.ts'
import { publishEvent, type PublishContext } from './publish-event.ts'

type ItemResult = BatchResult['results'][number]

/** Stores the events of a batch at the same time. Each gets its own result; what is wrong with one is its own affair. */
export async function publishBatch(
  context: PublishContext,
  items: readonly (Submission | ProblemError)[],
  trace: TraceContext,
): Promise<BatchResult> {
  const publishItem = async (item: Submission | ProblemError, index: number): Promise<ItemResult> => {
    try {
      if (item instanceof ProblemError) throw item
      return { status: 'accepted', event: await publishEvent(context, item, trace, `events[${index}]`) }
    } catch (error) {
      if (error instanceof ProblemError) return { status: 'rejected', problem: problemOf(error) }
      throw error
    }
  }
  return { results: await Promise.all(items.map(publishItem)) }
}
