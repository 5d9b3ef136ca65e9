import { SubscriptionResults } from '@jethook/contracts'
import type { Conditions } from './condition.ts'

/**
 * The results of a batch (the value of a header), without those that would change nothing: successes of subscriptions that
 * just work, which are nearly all. What is no results is left out.
 */
export function resultsWorthFolding(json: string | undefined, conditions: Conditions): SubscriptionResults[] {
  const results = parseJson(json)
  if (!Array.isArray(results)) return []
  return results.flatMap((each: Partial<SubscriptionResults> | null) => {
    if (!each || (isMereSuccess(each) && !conditions.has(each.subscriptionId ?? ''))) return []
    const parsed = SubscriptionResults.safeParse(each)
    return parsed.success ? [parsed.data] : []
  })
}

const isMereSuccess = ({ failures, disables, testedAt }: Partial<SubscriptionResults>): boolean =>
  failures === undefined && disables === undefined && testedAt === undefined

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
