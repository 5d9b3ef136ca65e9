import { z } from 'zod'

/** At most so many attempts, over all dispatchers. */
export const RateLimit = z.strictObject({
  perSecond: z
    .number()
    .min(0.01)
    .max(10_000)
    .describe('Attempts per second; fractions are allowed: 0.5 is 30 a minute.'),
  burst: z
    .int()
    .min(1)
    .max(10_000)
    .nullable()
    .default(null)
    .describe(
      'How many may go at once after a quiet time, as far as concurrency allows; null: as many as one second allows.',
    ),
})

/** RFC 6901: `/user/id` is the member `id` of the member `user`. */
const JsonPointer = z
  .string()
  .max(256)
  .regex(/^(\/([^~/]|~[01])*)+$/, 'must be a JSON Pointer (RFC 6901) like /user/id')

/** How fast, how many at once and in which order a subscription is delivered to. null leaves it to the profile. */
export const deliveryRules = {
  concurrency: z
    .int()
    .min(1)
    .max(1_000)
    .nullable()
    .describe(
      'Attempts at the same time, at most, however many dispatchers there are, instead of the profile’s; null resets. It begins with one, and grows while answers are quick.',
    ),
  rateLimit: RateLimit.nullable().describe('Instead of the profile’s, which may have none; null resets.'),
  circuitBreaker: z
    .boolean()
    .nullable()
    .describe(
      'Whether deliveries wait, without using up attempts, while the endpoint only fails; null: as the profile says.',
    ),
  ordered: z
    .boolean()
    .describe('Whether an event waits until all accepted before it, of the same ordering key, are through.'),
  orderingKey: JsonPointer.nullable().describe(
    'Where in the payload the ordering key stands, as a JSON Pointer like /user/id: only events of the same key wait for each other. null: all do.',
  ),
  whenStuck: z
    .enum(['block', 'skip'])
    .describe(
      'What becomes of the events behind one that fails. block: they wait until it is delivered, however long it takes. skip: they wait until it was given up.',
    ),
}

/** Domain events from before there were these rules lack them. */
export const defaultedDeliveryRules = {
  concurrency: deliveryRules.concurrency.default(null),
  rateLimit: deliveryRules.rateLimit.default(null),
  circuitBreaker: deliveryRules.circuitBreaker.default(null),
  ordered: deliveryRules.ordered.default(false),
  orderingKey: deliveryRules.orderingKey.default(null),
  whenStuck: deliveryRules.whenStuck.default('block'),
}

export const DeliveryRules = z.strictObject(defaultedDeliveryRules)
/** Those of a subscription that says nothing about them. */
export const defaultDeliveryRules: DeliveryRules = DeliveryRules.parse({})

export type RateLimit = z.infer<typeof RateLimit>
export type DeliveryRules = z.infer<typeof DeliveryRules>
